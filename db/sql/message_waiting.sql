-- Messages that wait for a person: number, until when, sender, subject, why.
SELECT m.id, m.review_due::text, coalesce(r.from_address, ''), coalesce(r.record->>'subject', ''),
	m.problem
FROM message m LEFT JOIN reading r ON r.message_id = m.id
WHERE m.state IN ('waiting', 'broken') ORDER BY m.review_due, m.id
