-- The active staff account of a login; without one, all active accounts of staff.
-- $1 text: the login, or NULL
SELECT id, name FROM account
WHERE kind = 'staff' AND active AND ($1::text IS NULL OR login = $1::text)
ORDER BY id LIMIT 2
