-- Keeps the opinions of answers.
-- $1 bigint[]: answers; $2 text[]: their opinions; $3 text: the lexicon's version; $4 timestamptz: now
SELECT answers_sort($1::bigint[], $2::text[], $3::text, $4::timestamptz)
