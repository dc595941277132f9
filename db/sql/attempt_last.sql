-- How the last tries ended, newest first, since the gate was opened: what counts for closing it.
SELECT attempt_tells(t) FROM attempt t
WHERE t.event_id >= coalesce((SELECT min(id) FROM (SELECT e.id FROM event e
	WHERE e.noun = 'sender' AND e.verb = 'record' ORDER BY e.id DESC LIMIT 200) last), 0)
AND t.at >= coalesce((SELECT counted_from FROM send_gate), '-infinity')
AND t.outcome IN ('sent', 'failed', 'deferred', 'doubtful')
ORDER BY t.event_id DESC, t.mailing_id DESC LIMIT 200
