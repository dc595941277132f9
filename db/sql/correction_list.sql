-- What people decided about opinions, as examples: the last decision of each of 1000 opinions behind
-- $1, by the opinion's id. No code: it was no department's business, or a lead for discipline
-- inspection, which stays apart.
-- $1 bigint: the last opinion; 0 to begin
WITH last AS (SELECT DISTINCT ON (opinion_id) opinion_id, to_departments FROM correction
	WHERE opinion_id > $1::bigint ORDER BY opinion_id, at DESC, id DESC LIMIT 1000)
SELECT o.id, d.code, o.text, e.id, e.name, e.short_name
FROM last JOIN opinion o ON o.id = last.opinion_id
JOIN answer a ON a.id = o.answer_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN department d ON d.no = last.to_departments[1] AND o.kind <> 'discipline'
ORDER BY o.id
