-- What has neither an end nor a clock: nothing, if all is well. Returns what, id, why.
SELECT 'message', m.id, 'waits without a date' FROM message m
WHERE m.state IN ('waiting', 'broken') AND m.review_due IS NULL
UNION ALL
SELECT 'message', m.id, 'filed, but no answer came of it' FROM message m
WHERE m.state = 'filed' AND NOT EXISTS (SELECT FROM answer a WHERE a.message_id = m.id)
UNION ALL
SELECT 'message', m.id, 'nobody has read it' FROM message m WHERE m.state = 'stored'
UNION ALL
SELECT 'answer', a.id, 'nobody has sorted it' FROM answer a WHERE a.sorted_at IS NULL
UNION ALL
SELECT 'opinion', o.id, 'waits for a person without a date' FROM opinion o
WHERE o.state IN ('review', 'sorted') AND o.review_due IS NULL
UNION ALL
SELECT 'opinion', o.id, 'handed over, but no department has it' FROM opinion o
WHERE o.state = 'handed' AND NOT EXISTS (SELECT FROM rectification r
	WHERE r.opinion_id = o.id AND r.state NOT IN ('draft', 'closed') AND r.due IS NOT NULL)
UNION ALL
SELECT 'opinion', o.id, 'ended without an answer to the enterprise' FROM opinion o
WHERE o.state IN ('closed', 'declined') AND NOT EXISTS (SELECT FROM reply y WHERE y.opinion_id = o.id)
ORDER BY 1, 2
