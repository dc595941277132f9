-- A letter by its number.
-- $1 text: number
SELECT id, enterprise_id FROM letter WHERE number = $1::text
