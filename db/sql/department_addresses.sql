-- The departments with the addresses that their digests go to.
SELECT d.code, d.name, d.category, coalesce(a.email, '') FROM department d
LEFT JOIN department_address a ON a.department_no = d.no WHERE d.active ORDER BY d.no
