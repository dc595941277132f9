-- 100 messages that wait for a person, the most urgent first: number, until when, sender, subject, why,
-- which letters they may belong to; then state, when it was written or else came, the sender's name, what
-- it says (its begin), the letters as JSON: [{"number", "enterprise", "round", "why": [clue]}], whether only
-- a person can read what it says, how many wait at all, and in the last row what $1 is for those behind it,
-- where there are more.
-- $1 text: "2026-03-05/17", the day and number of the last one before; NULL to begin
SELECT m.id, m.review_due::text, coalesce(r.from_address, ''), coalesce(r.record->>'subject', ''),
	coalesce(m.problem, ''), coalesce((SELECT string_agg((p->>'number') || ' ' || (p->>'enterprise'), '; ' ORDER BY place)
		FROM jsonb_array_elements(x.proposals) WITH ORDINALITY AS y(p, place)), ''),
	m.state, to_char(coalesce((r.record->>'date')::timestamptz, m.received_at), 'YYYY-MM-DD HH24:MI'),
	coalesce(r.record->'from'->0->>'name', ''),
	left(concat_ws(' ', r.record->>'own', (SELECT string_agg(concat_ws(' ', '[' || (a->>'name') || ']', a->>'text'), ' ')
		FROM (SELECT a FROM jsonb_array_elements(f.files) a LIMIT 100) few)), 500),
	x.proposals::text,
	r.record IS NULL OR btrim(r.record->>'own', E' \n\r\t') = '' AND EXISTS (SELECT
		FROM jsonb_array_elements(f.files) a WHERE a->>'unread' IS NOT NULL),
	(SELECT count(*) FROM message WHERE state IN ('waiting', 'broken')),
	CASE WHEN m.place = 100 AND m.found > 100 THEN m.review_due || '/' || m.id END
FROM (SELECT *, row_number() OVER (ORDER BY review_due, id) AS place, count(*) OVER () AS found
	FROM (SELECT id, review_due, problem, state, received_at FROM message
		WHERE state IN ('waiting', 'broken') AND (review_due, id) >
			(coalesce(split_part($1::text, '/', 1)::date, '-infinity'), coalesce(split_part($1::text, '/', 2)::bigint, 0))
		ORDER BY review_due, id LIMIT 101) next) m
LEFT JOIN reading r ON r.message_id = m.id
CROSS JOIN LATERAL (SELECT reading_files(r.record) AS files OFFSET 0) AS f
CROSS JOIN LATERAL (SELECT coalesce(message_proposals(m.id), '[]') AS proposals) AS x
WHERE m.place <= 100 ORDER BY m.place
