-- Somebody has read a message as it came.
-- $1 bigint: message; $2 bigint: who; $3 timestamptz: now
SELECT event_add('message', $1::bigint, 'read', NULL, NULL, $2::bigint, $3::timestamptz)
