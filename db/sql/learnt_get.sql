-- A version of the learnt layer, or the one in use: perhaps none.
-- $1 bigint: version, or NULL for the one in use
SELECT id, bytes, figures::text FROM learnt
WHERE CASE WHEN $1::bigint IS NULL THEN in_use ELSE id = $1::bigint END
