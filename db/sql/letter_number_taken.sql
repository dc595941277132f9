-- Whether a letter number is in use.
-- $1 text: number
SELECT 1 FROM letter WHERE number = $1::text
