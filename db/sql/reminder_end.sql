-- All letters of a round have been looked at today.
-- $1 bigint: round; $2 timestamptz: now
SELECT event_add('round', $1::bigint, 'reminded', NULL, NULL, NULL, $2::timestamptz)
