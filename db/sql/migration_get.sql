-- Whether a file of db/schema has been applied.
-- $1 text: its name
SELECT 1 FROM migration WHERE name = $1::text
