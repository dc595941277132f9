-- Events whose tries are not those that they sealed, and tries that no event tells of: the event's
-- number.
WITH found AS (
	SELECT event_id, sha256(convert_to(string_agg(concat_ws('|', mailing_id, number,
		extract(epoch FROM at), coalesce(sender_id, 0), outcome, coalesce(code, 0),
		coalesce(words, '')), E'\n' ORDER BY mailing_id), 'UTF8')) AS hash
	FROM attempt GROUP BY event_id
)
SELECT coalesce(e.id, f.event_id) FROM found f
FULL JOIN (SELECT id, text_hash FROM event WHERE text_hash IS NOT NULL
	AND (noun = 'sender' OR verb = 'bounce')) e ON e.id = f.event_id
WHERE e.text_hash IS DISTINCT FROM f.hash ORDER BY 1 LIMIT 1
