-- Commits whose tries are not those that their event sealed: the event's number.
SELECT e.id FROM event e WHERE e.noun = 'sender' AND e.verb IN ('record', 'bury')
AND e.text_hash IS DISTINCT FROM attempt_digest(e.id) ORDER BY e.id LIMIT 1
