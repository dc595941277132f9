-- All rounds, the newest first.
SELECT r.code, 'round ' || r.state, r.opens::text, r.closes::text,
	(SELECT count(*) FROM letter WHERE round_id = r.id),
	(SELECT count(*) FROM response WHERE round_id = r.id), r.title
FROM round r ORDER BY r.created_at DESC, r.id DESC
