-- Messages that wait for a person: number, until when, sender, subject, why, which letters they may
-- belong to; then state, when it was written or else came, the sender's name, what it says (its begin),
-- the letters as JSON: [{"number", "enterprise", "round", "why": [clue]}], and whether only a person can
-- read what it says.
SELECT m.id, m.review_due::text, coalesce(r.from_address, ''), coalesce(r.record->>'subject', ''),
	coalesce(m.problem, ''), coalesce((SELECT string_agg((p->>'number') || ' ' || (p->>'enterprise'), '; ' ORDER BY place)
		FROM jsonb_array_elements(x.proposals) WITH ORDINALITY AS y(p, place)), ''),
	m.state, to_char(coalesce((r.record->>'date')::timestamptz, m.received_at), 'YYYY-MM-DD HH24:MI'),
	coalesce(r.record->'from'->0->>'name', ''),
	left(concat_ws(' ', r.record->>'own', (SELECT string_agg(concat_ws(' ', '[' || (a->>'name') || ']', a->>'text'), ' ')
		FROM jsonb_path_query(r.record->'attachments', 'strict $.**') a WHERE a->'sha256' IS NOT NULL)), 500),
	x.proposals::text,
	r.record IS NULL OR btrim(r.record->>'own', E' \n\r\t') = '' AND EXISTS (SELECT
		FROM jsonb_path_query(r.record->'attachments', 'strict $.**') a
		WHERE a->'sha256' IS NOT NULL AND a->>'unread' IS NOT NULL)
FROM message m LEFT JOIN reading r ON r.message_id = m.id
CROSS JOIN LATERAL (SELECT coalesce(message_proposals(m.id), '[]') AS proposals) AS x
WHERE m.state IN ('waiting', 'broken') ORDER BY m.review_due, m.id
