-- Page: items of departments that are overdue or soon due, the most urgent first, 50 at once; nothing of
-- what was said or who said it, for supervisors too.
-- $1 text: overdue or soon (today or within 3 working days, which digests tell apart), then perhaps "/" and a
-- department's code, then "?" and perhaps where the page before ended (list_place); $2 timestamptz: now; $3
-- bigint: account
WITH asked AS MATERIALIZED (SELECT split_part(p.path, '/', 1) AS filter, split_part(p.path, '/', 2) AS code, p.after,
		(SELECT no FROM department WHERE code = split_part(p.path, '/', 2)) AS department_no,
		p.today, $3::bigint AS account,
		-- three working days on, or where the calendar ends
		(SELECT max(c.day) FROM calendar c JOIN calendar t ON t.day = p.today WHERE c.number <= t.number + 3) AS soon
	FROM (SELECT split_part($1::text, '?', 1) AS path, split_part($1::text, '?', 2) AS after,
		office_day($2::timestamptz) AS today) p),
tab AS MATERIALIZED (SELECT 'overdue' AS filter, 1 AS place, date '-infinity' AS since, a.today - 1 AS until FROM asked a
	UNION ALL SELECT 'soon', 2, a.today, a.soon FROM asked a),
g AS MATERIALIZED (SELECT a.*, t.until, l.seen, greatest(l.due, t.since - 1) AS after_due,
		CASE WHEN l.due < t.since THEN 9223372036854775807 ELSE l.id END AS after_id
	FROM asked a JOIN tab t USING (filter), LATERAL list_place(a.after) l),
counted AS MATERIALIZED (SELECT t.filter, y.department_no, sum(y.n) AS n FROM tab t JOIN tally y
	ON y.noun = 'item' AND y.due BETWEEN t.since AND t.until GROUP BY t.filter, y.department_no),
sums AS MATERIALIZED (SELECT t.filter, t.place, coalesce(sum(c.n), 0) AS n FROM asked a CROSS JOIN tab t
	LEFT JOIN counted c ON c.filter = t.filter AND (a.code = '' OR c.department_no = a.department_no)
	GROUP BY t.filter, t.place),
listed AS MATERIALIZED (SELECT l.dues, l.ids FROM g, LATERAL opinions_listed(true, ARRAY['handed', 'signed', 'returned'],
	CASE WHEN g.code <> '' THEN ARRAY[g.department_no] END, g.until, g.after_due, g.after_id, 51) l)
SELECT jsonb_build_object('name', 'items ' || g.filter,
	'here', concat_ws('/', '/items', g.filter, nullif(g.code, '')),
	'chosen', g.code <> '', 'first', g.after = '',
	'total', (SELECT n FROM sums WHERE filter = g.filter),
	'from', g.seen + 1, 'to', g.seen + (SELECT least(50, coalesce(cardinality(l.ids), 0)) FROM listed l),
	'after', (SELECT list_place_text(l.dues[50], l.ids[50], g.seen + 50) FROM listed l WHERE cardinality(l.ids) > 50),
	'no_department', CASE WHEN g.code = '' THEN 'page' END, 'all', '/items/' || g.filter,
	'tabs', (SELECT jsonb_agg(jsonb_build_object('name', 'items ' || t.filter, 'n', t.n,
			'now', CASE WHEN t.filter = g.filter THEN 'page' END,
			'link', concat_ws('/', '/items', t.filter, nullif(g.code, ''))) ORDER BY t.place) FROM sums t),
	'departments', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'n', coalesce(c.n, 0),
			'now', CASE WHEN d.code = g.code THEN 'page' END, 'link', '/items/' || g.filter || '/' || d.code)
			ORDER BY d.no), '[]')
		FROM department d LEFT JOIN counted c ON c.filter = g.filter AND c.department_no = d.no
		WHERE c.n > 0 OR d.code = g.code),
	'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', x.id, 'opinion', x.opinion_id,
			'department', d.name, 'lead', x.lead, 'state', x.state, 'round', r.title,
			'handed_at', x.handed_at, 'due', x.due, 'days', workdays_between(g.today, x.due),
			'pace', CASE WHEN x.due < g.today THEN 'late' ELSE '' END) ORDER BY s.place), '[]')
		FROM listed l, LATERAL unnest(l.ids[:50]) WITH ORDINALITY AS s(id, place)
		JOIN rectification x ON x.id = s.id JOIN department d ON d.no = x.department_no
		JOIN round r ON r.id = x.round_id))::text
FROM g
WHERE g.code = '' OR g.department_no IS NOT NULL
