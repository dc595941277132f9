-- The departments by number, with where their digests go.
SELECT code, name, category, no, coalesce(email, '') FROM department WHERE active ORDER BY no
