-- Somebody has read who said it.
-- $1 text: opinion; $2 bigint: who; $3 timestamptz: now
SELECT event_add('opinion', $1::text::bigint, 'read', NULL, NULL, $2::bigint, $3::timestamptz)
