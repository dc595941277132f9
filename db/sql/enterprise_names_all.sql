-- What enterprises are called, also those that are not asked any more: 5000 behind $1.
-- $1 bigint: the last one's id; 0 to begin
SELECT id, name, short_name FROM enterprise WHERE id > $1::bigint ORDER BY id LIMIT 5000
