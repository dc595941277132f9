-- Closes a round.
-- $1 bigint: round; $2 bigint: who; $3 timestamptz: now
SELECT round_close($1::bigint, $2::bigint, $3::timestamptz)
