-- With how many corrections the second layer was last taught (0: never); of how many opinions there are
-- others since that can teach it, and to how many departments they went.
WITH last AS (SELECT (figures->>'corrections')::bigint AS corrections, at FROM learnt
	ORDER BY at DESC, id DESC LIMIT 1)
SELECT coalesce((SELECT corrections FROM last), 0), count(DISTINCT c.opinion_id),
	count(DISTINCT c.to_departments[1])
FROM correction c WHERE c.at > coalesce((SELECT at FROM last), '-infinity')
AND c.to_departments <> '{}' AND c.to_kind IS DISTINCT FROM 'discipline'
