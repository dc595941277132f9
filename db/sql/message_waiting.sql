-- Messages that wait for a person: number, until when, sender, subject, why, which letters they may
-- belong to.
SELECT m.id, m.review_due::text, coalesce(r.from_address, ''), coalesce(r.record->>'subject', ''),
	m.problem, coalesce((SELECT string_agg((p->>'number') || ' ' || (p->>'enterprise'), '; ' ORDER BY place)
		FROM jsonb_array_elements(message_proposals(m.id)) WITH ORDINALITY AS x(p, place)), '')
FROM message m LEFT JOIN reading r ON r.message_id = m.id
WHERE m.state IN ('waiting', 'broken') ORDER BY m.review_due, m.id
