-- Keeps a setting.
-- $1 text: name; $2 text: value
INSERT INTO setting (name, value) VALUES ($1::text, $2::text)
ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value
