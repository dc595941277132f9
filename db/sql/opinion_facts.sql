-- What the masked copy of an opinion is made of.
-- $1 bigint: opinion
SELECT o.text, o.state, e.name, e.short_name, e.credit_code, e.address,
	coalesce((SELECT array_to_json(array_agg(c.name)) FROM contact c
		WHERE c.enterprise_id = e.id AND c.name IS NOT NULL)::text, '[]'),
	coalesce((SELECT array_to_json(array_agg(c.phone)) FROM contact c
		WHERE c.enterprise_id = e.id AND c.phone IS NOT NULL)::text, '[]'),
	coalesce((SELECT array_to_json(array_agg(c.email)) FROM contact c
		WHERE c.enterprise_id = e.id AND c.email IS NOT NULL)::text, '[]'),
	l.number
FROM opinion o JOIN answer a ON a.id = o.answer_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id JOIN enterprise e ON e.id = l.enterprise_id
WHERE o.id = $1::bigint
