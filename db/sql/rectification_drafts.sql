-- The masked copies of an opinion that wait to be handed over, beside what was said; whether it leads; its
-- department's number, and whether that has nobody who could log in.
-- $1 bigint: opinion
SELECT r.id, d.name, r.masked, o.text, r.lead, d.no, d.no = ANY (u.nos)
FROM (SELECT departments_unread() AS nos OFFSET 0) u, rectification r
JOIN department d ON d.no = r.department_no JOIN opinion o ON o.id = r.opinion_id
WHERE r.opinion_id = $1::bigint AND r.state = 'draft' ORDER BY r.lead DESC, d.no
