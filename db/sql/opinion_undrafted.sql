-- Sorted opinions without a masked copy.
-- $1 integer: how many
SELECT o.id FROM opinion o
WHERE o.state = 'sorted' AND NOT EXISTS (SELECT FROM rectification r WHERE r.opinion_id = o.id)
AND EXISTS (SELECT FROM opinion_department d WHERE d.opinion_id = o.id)
ORDER BY o.created_at, o.id LIMIT $1::integer
