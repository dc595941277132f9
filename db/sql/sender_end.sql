-- A sender ends by itself.
-- $1 bigint: sender; $2 timestamptz: now
SELECT sender_end($1::bigint, $2::timestamptz)
