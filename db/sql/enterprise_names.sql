-- What active enterprises are called, 5000 behind $1.
-- $1 bigint: the last one's id; 0 to begin
SELECT id, name, short_name, credit_code FROM enterprise WHERE active AND id > $1::bigint
ORDER BY id LIMIT 5000
