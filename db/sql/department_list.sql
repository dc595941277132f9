-- The departments that are rated and sorted to, by number.
SELECT code, name, no FROM department WHERE active ORDER BY no
