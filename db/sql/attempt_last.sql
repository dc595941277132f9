-- How the last tries to enterprises ended, newest first, since the gate was opened: sent, failed …
-- Refusals that count for closing it are those.
SELECT t.outcome FROM attempt t
WHERE t.event_id IN (SELECT e.id FROM event e WHERE e.noun = 'sender' AND e.verb = 'record'
	ORDER BY e.id DESC LIMIT 200)
AND t.at >= coalesce((SELECT counted_from FROM send_gate), '-infinity')
AND t.outcome IN ('sent', 'failed', 'deferred', 'doubtful')
ORDER BY t.event_id DESC, t.mailing_id DESC LIMIT 200
