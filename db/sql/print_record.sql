-- Records that letters of a round were printed: who, when, how many.
-- $1 bigint: round; $2 text: how many, as the event's state; $3 bigint: account; $4 timestamptz: now
SELECT event_add('round', $1::bigint, 'print', NULL, $2::text, $3::bigint, $4::timestamptz)
