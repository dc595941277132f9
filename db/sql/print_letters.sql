-- The next letters to print, by enterprise as they were imported; a contact with an address is the
-- letter's, else the first one.
-- $1 bigint: round; $2 boolean: only those without a mail address; $3 jsonb: numbers, or NULL for
-- all; $4 bigint: the last letter before; $5 integer: at most;
-- $6 boolean: only those that were refused or came back, and were not answered
SELECT l.id, l.number, l.secret_turn, e.name, coalesce(c.name, ''), coalesce(e.address, ''),
	coalesce(e.postcode, ''), coalesce(e.short_name, ''), office_day(l.created_at)::text
FROM letter l JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN LATERAL (SELECT name, email FROM contact WHERE enterprise_id = e.id
	ORDER BY is_letter DESC, position LIMIT 1) c ON true
WHERE l.round_id = $1::bigint AND l.id > $4::bigint AND NOT l.revoked
AND (NOT $2::boolean OR NOT EXISTS (SELECT 1 FROM contact m WHERE m.enterprise_id = e.id
	AND m.is_letter AND m.email <> ''))
AND ($3::jsonb IS NULL OR $3::jsonb ? l.number)
AND (NOT $6::boolean OR (EXISTS (SELECT FROM mailing f WHERE f.letter_id = l.id AND f.kind = 'first'
		AND f.state IN ('failed', 'bounced'))
	AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)))
ORDER BY l.id LIMIT $5::integer
