-- The names of all enterprises, by id.
-- $1 bigint: after this one; $2 integer: how many
SELECT id, name, short_name FROM enterprise WHERE id > $1::bigint ORDER BY id LIMIT $2::integer
