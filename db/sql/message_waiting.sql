-- Messages that wait for a person.
SELECT m.id, m.state, m.problem, m.review_due::text, m.channel,
	coalesce(r.from_address, ''), coalesce(r.record->>'subject', '')
FROM message m LEFT JOIN reading r ON r.message_id = m.id
WHERE m.state IN ('waiting', 'broken') ORDER BY m.review_due, m.id
