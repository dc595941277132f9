-- Adds or changes a department.
-- $1 integer: no; $2 text: code; $3 text: name; $4 text: category; $5 jsonb: short names;
-- $6 jsonb: former names
INSERT INTO department (no, code, name, category, short_names, former_names)
VALUES ($1::integer, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb)
ON CONFLICT (no) DO UPDATE SET code = EXCLUDED.code, name = EXCLUDED.name,
	category = EXCLUDED.category, short_names = EXCLUDED.short_names,
	former_names = EXCLUDED.former_names
