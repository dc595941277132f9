-- Keeps the opinions of an answer. Returns how many.
-- $1 bigint: answer; $2 jsonb: opinions; $3 text: the lexicon's version; $4 timestamptz: now
SELECT answer_sort($1::bigint, $2::jsonb, $3::text, $4::timestamptz)
