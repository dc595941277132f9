-- Page: opinions in a state, the most urgent first, 50 at once; answered, approved and overdue speak of
-- their items.
-- $1 text: review, sorted, handed, closed, declined, recorded, merged, answered, approved, overdue or
-- all, then perhaps "/" and a department's code, then "?" and perhaps which 50; $2 timestamptz: now; $3
-- bigint: account
WITH g AS MATERIALIZED (SELECT split_part(a.path, '/', 1) AS filter, split_part(a.path, '/', 2) AS code,
		CASE WHEN a.page ~ '^[0-9]{1,6}$' THEN a.page::integer ELSE 1 END AS page,
		office_day($2::timestamptz) AS today, $3::bigint AS account
	FROM (SELECT split_part($1::text, '?', 1) AS path, split_part($1::text, '?', 2) AS page) a),
filtered AS (SELECT o.id, o.review_due FROM g, opinion o
	WHERE g.filter NOT IN ('answered', 'approved', 'overdue') AND (g.filter = 'all' OR o.state = g.filter)
	UNION ALL SELECT o.id, o.review_due FROM opinion o
	WHERE o.id IN (SELECT x.opinion_id FROM g, rectification x
		WHERE x.state = g.filter AND g.filter IN ('answered', 'approved')
		OR g.filter = 'overdue' AND x.state IN ('handed', 'signed', 'returned') AND x.due < g.today)),
chosen AS (SELECT f.id, coalesce(f.review_due, (SELECT min(x.due) FROM rectification x
		WHERE x.opinion_id = f.id AND x.state IN ('handed', 'signed', 'returned'))) AS due
	FROM g, filtered f
	WHERE g.code = '' OR EXISTS (SELECT FROM opinion_department q JOIN department d ON d.no = q.department_no
		WHERE q.opinion_id = f.id AND d.code = g.code)),
paged AS (SELECT c.total, greatest(1, least(g.page, (c.total + 49) / 50)) AS page, (c.total + 49) / 50 AS pages
	FROM g, (SELECT count(*) AS total FROM chosen) c),
shown AS (SELECT h.id, h.due FROM chosen h ORDER BY h.due NULLS LAST, h.id
	LIMIT 50 OFFSET (SELECT (page - 1) * 50 FROM paged))
SELECT jsonb_build_object('filter', g.filter, 'department', g.code,
	'here', concat_ws('/', '/opinions', g.filter, nullif(g.code, '')),
	'chosen', g.code <> '', 'total', p.total, 'page', p.page, 'pages', p.pages, 'many', p.pages > 1,
	'no_department', CASE WHEN g.code = '' THEN 'page' END,
	'previous', CASE WHEN p.page > 1 THEN p.page - 1 END,
	'next', CASE WHEN p.page < p.pages THEN p.page + 1 END,
	'tabs', (SELECT jsonb_agg(jsonb_build_object('name', 'opinions ' || t.filter,
			'now', CASE WHEN t.filter = g.filter THEN 'page' END,
			'link', concat_ws('/', '/opinions', t.filter, nullif(g.code, ''))) ORDER BY t.place)
		FROM unnest(ARRAY['review', 'sorted', 'handed', 'answered', 'approved', 'overdue', 'closed',
			'declined', 'recorded', 'all']) WITH ORDINALITY AS t(filter, place)),
	'departments', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'n', d.n,
				'now', CASE WHEN d.code = g.code THEN 'page' END, 'link', '/opinions/' || g.filter || '/' || d.code) ORDER BY d.no), '[]')
		FROM (SELECT e.no, e.code, e.name, count(f.id) AS n FROM department e
			LEFT JOIN (opinion_department q JOIN filtered f ON f.id = q.opinion_id) ON q.department_no = e.no
			GROUP BY e.no, e.code, e.name HAVING count(f.id) > 0 OR e.code = (SELECT code FROM g)) d),
	'opinions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id,
			'text', CASE WHEN length(o.text) > 200 THEN left(o.text, 200) || '…' ELSE o.text END,
			'kind', o.kind, 'state', o.state,
			'name', CASE o.state WHEN 'handed' THEN 'opinion handed' ELSE o.state END, 'why', coalesce(left(o.why, 200), ''), 'round', r.code,
			'due', s.due, 'pace', CASE WHEN s.due < g.today THEN 'late' ELSE '' END,
			'days', workdays_between(g.today, s.due),
			'departments', coalesce((SELECT string_agg(d.name, '、' ORDER BY q.lead DESC, d.no)
				FROM opinion_department q JOIN department d ON d.no = q.department_no
				WHERE q.opinion_id = o.id), '')) ORDER BY s.due NULLS LAST, o.id), '[]')
		FROM shown s JOIN opinion o ON o.id = s.id JOIN round r ON r.id = o.round_id))::text
FROM g, paged p
WHERE g.filter IN ('review', 'sorted', 'handed', 'closed', 'declined', 'recorded', 'merged', 'answered',
	'approved', 'overdue', 'all')
AND (g.code = '' OR EXISTS (SELECT FROM department d WHERE d.code = g.code))
