-- Whom a round asks: active enterprises in their order, 5000 behind $1, with the address of the
-- contact for letters.
-- $1 bigint: the last one's id; 0 to begin
SELECT e.id, c.email FROM enterprise e
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
WHERE e.active AND e.id > $1::bigint ORDER BY e.id LIMIT 5000
