-- Releases a round with its form and makes its letters. Returns how many.
-- $1 bigint: round; $2 bytea: form; $3 jsonb: letters; $4 bigint: who; $5 timestamptz: now
SELECT round_release($1::bigint, $2::bytea, $3::jsonb, $4::bigint, $5::timestamptz)
