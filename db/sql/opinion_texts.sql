-- 1000 opinions behind $1, by id, with what the classifier is given beside their text, and the
-- department that a person said last (NULL: nobody did, or last that it is no department's business).
-- $1 bigint: the last one's id; 0 to begin
SELECT o.id, o.text, e.name, e.short_name, ((a.at AT TIME ZONE z.name)::date)::text, d.code
FROM (SELECT office_zone() AS name OFFSET 0) z,
	(SELECT id, text, answer_id FROM opinion WHERE id > $1::bigint ORDER BY id LIMIT 1000) o
JOIN answer a ON a.id = o.answer_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN LATERAL (SELECT to_departments[1] AS no FROM correction WHERE opinion_id = o.id
	ORDER BY at DESC, id DESC LIMIT 1) last ON true
LEFT JOIN department d ON d.no = last.no
ORDER BY o.id
