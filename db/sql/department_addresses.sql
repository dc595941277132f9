-- The departments by number, with where their digests go.
SELECT d.code, d.name, d.category, d.no, coalesce(a.email, '') FROM department d
LEFT JOIN department_address a ON a.department_no = d.no WHERE d.active ORDER BY d.no
