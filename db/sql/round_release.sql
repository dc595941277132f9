-- Releases a round with its form (NULL: none goes with the letters).
-- $1 bigint: round; $2 bytea: form; $3 bigint: who; $4 timestamptz: now
SELECT round_release($1::bigint, $2::bytea, $3::bigint, $4::timestamptz)
