-- How many letters of a round would be printed.
-- $1 bigint: round; $2 boolean: only those without a mail address; $3 jsonb: numbers, or NULL for all;
-- $4 boolean: only those that were refused or came back, and were not answered
SELECT count(*) FROM letter l
LEFT JOIN contact c ON c.enterprise_id = l.enterprise_id AND c.is_letter
WHERE l.round_id = $1::bigint AND NOT l.revoked
AND (NOT $2::boolean OR c.email IS NULL OR c.email = '')
AND ($3::jsonb IS NULL OR $3::jsonb ? l.number)
AND (NOT $4::boolean OR (EXISTS (SELECT FROM mailing m WHERE m.letter_id = l.id AND m.kind = 'first'
		AND m.state IN ('failed', 'bounced'))
	AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)))
