-- A version of the lexicon, or the one in use: perhaps none.
-- $1 text: version, or NULL for the one in use
SELECT version, text, encode(hash, 'hex') FROM lexicon
WHERE CASE WHEN $1::text IS NULL THEN in_use ELSE version = $1::text END
