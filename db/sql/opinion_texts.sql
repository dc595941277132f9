-- 1000 opinions behind $1, by id, with what the classifier is given beside their text, and the
-- department that a person said last (NULL: nobody did).
-- $1 bigint: the last one's id; 0 to begin
SELECT o.id, o.text, e.name, e.short_name, ((a.at AT TIME ZONE z.name)::date)::text,
	(SELECT d.code FROM correction c JOIN department d ON d.no = c.to_departments[1]
		WHERE c.opinion_id = o.id ORDER BY c.at DESC, c.id DESC LIMIT 1)
FROM (SELECT coalesce((SELECT value FROM setting WHERE name = 'timezone'), 'Asia/Shanghai') AS name) z,
	(SELECT id, text, answer_id FROM opinion WHERE id > $1::bigint ORDER BY id LIMIT 1000) o
JOIN answer a ON a.id = o.answer_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id JOIN enterprise e ON e.id = l.enterprise_id
ORDER BY o.id
