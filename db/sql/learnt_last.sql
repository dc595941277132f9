-- With how many corrections the second layer was last taught (0: never), and how many came since.
WITH last AS (SELECT (figures->>'corrections')::bigint AS corrections, at FROM learnt
	ORDER BY at DESC, id DESC LIMIT 1)
SELECT coalesce((SELECT corrections FROM last), 0),
	(SELECT count(*) FROM correction WHERE at > coalesce((SELECT at FROM last), '-infinity'))
