-- Whom a round asks: every active enterprise, with the address of the contact for letters.
SELECT e.id, c.email FROM enterprise e
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
WHERE e.active ORDER BY e.id
