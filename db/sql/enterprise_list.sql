-- All enterprises with the contact of their letters.
SELECT e.name, coalesce(e.credit_code, ''), e.stratum, coalesce(c.name, ''), coalesce(c.email, ''),
	coalesce(c.phone, ''), e.id
FROM enterprise e LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
WHERE e.active ORDER BY e.id
