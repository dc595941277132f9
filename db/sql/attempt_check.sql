-- Commits whose tries are not those that their event sealed, or not of its time, and tries of a commit
-- that no event tells of: the event's number.
SELECT min(id) FROM (
	SELECT e.id FROM event e WHERE e.noun = 'sender' AND e.verb IN ('record', 'bury')
	AND (e.text_hash IS DISTINCT FROM attempt_digest(e.id)
		OR EXISTS (SELECT FROM attempt t WHERE t.event_id = e.id AND t.at <> e.at))
	UNION ALL
	SELECT t.event_id FROM attempt t WHERE NOT EXISTS (SELECT FROM event e
		WHERE e.id = t.event_id AND e.noun = 'sender' AND e.verb IN ('record', 'bury'))) wrong
HAVING count(*) > 0
