-- All accounts.
SELECT a.login, a.name, a.kind, coalesce(d.name, ''), CASE WHEN a.active THEN '1' ELSE '' END
FROM account a LEFT JOIN department d ON d.no = a.department_no ORDER BY a.kind, a.login
