-- Commits whose tries are not those that their event sealed, or not of its time; and tries that no
-- event tells of: the event's number.
WITH found AS (
	SELECT event_id, min(at) AS first, max(at) AS last, sha256(convert_to(string_agg(concat_ws('|',
		mailing_id, number, coalesce(sender_id, 0), outcome, coalesce(code, 0), coalesce(words, '')),
		E'\n' ORDER BY mailing_id), 'UTF8')) AS hash
	FROM attempt GROUP BY event_id
)
SELECT coalesce(e.id, f.event_id) FROM found f
FULL JOIN (SELECT id, at, text_hash FROM event WHERE text_hash IS NOT NULL
	AND (noun = 'sender' OR (noun = 'letter' AND verb = 'bounce'))) e ON e.id = f.event_id
WHERE e.text_hash IS DISTINCT FROM f.hash OR f.first <> e.at OR f.last <> e.at ORDER BY 1 LIMIT 1
