-- A file of db/schema has been applied.
-- $1 text: its name
INSERT INTO migration (name) VALUES ($1::text)
