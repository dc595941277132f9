-- A round by department, what needs attention first: items, to be signed, in work, answered, closed,
-- overdue, ratings (without 不了解), of them satisfied, their mean.
-- $1 bigint: round; $2 timestamptz: now
SELECT d.name, count(x.id), count(x.id) FILTER (WHERE x.state = 'handed'),
	count(x.id) FILTER (WHERE x.state IN ('signed', 'returned')),
	count(x.id) FILTER (WHERE x.state IN ('answered', 'approved')),
	count(x.id) FILTER (WHERE x.state = 'closed'),
	count(x.id) FILTER (WHERE x.state IN ('handed', 'signed', 'returned')
		AND x.due < office_day($2::timestamptz)) AS overdue,
	t.n, t.satisfied, coalesce(round(t.mean, 2)::text, '')
FROM department d
LEFT JOIN rectification x ON x.department_no = d.no AND x.round_id = $1::bigint AND x.state <> 'draft',
LATERAL (SELECT count(*) AS n, count(*) FILTER (WHERE r.grade >= 4) AS satisfied,
		avg(r.grade) AS mean
	FROM rating r JOIN response s ON s.id = r.response_id
	WHERE r.department_no = d.no AND s.round_id = $1::bigint AND r.grade > 0) t
GROUP BY d.no, d.name, t.n, t.satisfied, t.mean
HAVING count(x.id) > 0 OR t.n > 0
ORDER BY overdue DESC, count(x.id) FILTER (WHERE x.state <> 'closed') DESC, count(x.id) DESC, d.no
