-- All accounts.
SELECT a.login, a.name, a.kind, coalesce(d.name, ''), CASE WHEN a.active THEN 'yes' ELSE 'no' END,
	coalesce(a.email, '')
FROM account a LEFT JOIN department d ON d.no = a.department_no ORDER BY a.kind, a.login
