-- Active enterprises of a name, short name or credit code, and whether it is the whole name or code,
-- which is no other's: two at most, to see that it is one.
-- $1 text
SELECT id, name, $1::text IN (credit_code, name) IS TRUE AS whole FROM enterprise
WHERE active AND $1::text IN (credit_code, name, short_name) ORDER BY whole DESC, id LIMIT 2
