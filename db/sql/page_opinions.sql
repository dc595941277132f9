-- Page: opinions in a state, the most urgent first, 50 at once; answered, approved and overdue are lists of
-- items: an opinion stands there once for each department whose item it is.
-- $1 text: review, sorted, handed, closed, declined, recorded, merged, answered, approved, overdue or
-- all, then perhaps "/" and a department's code, then "?" and perhaps where the page before ended: days
-- since 2000 (or "-"), ".", id; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT a.filter, a.code, a.after,
		(SELECT no FROM department WHERE code = a.code) AS department_no,
		a.filter IN ('answered', 'approved', 'overdue') AS items,
		CASE a.filter WHEN 'overdue' THEN ARRAY['handed', 'signed', 'returned']
			WHEN 'all' THEN ARRAY['review', 'sorted', 'handed', 'closed', 'declined', 'recorded', 'merged']
			ELSE ARRAY[a.filter] END AS states,
		CASE a.filter WHEN 'overdue' THEN office_day($2::timestamptz) - 1 ELSE 'infinity' END AS until,
		CASE WHEN a.after ~ '^[0-9]{1,5}[.][0-9]{1,18}$' THEN date '2000-01-01' + split_part(a.after, '.', 1)::integer
			WHEN a.after ~ '^-[.][0-9]{1,18}$' THEN 'infinity' ELSE '-infinity' END AS after_due,
		CASE WHEN a.after ~ '^([0-9]{1,5}|-)[.][0-9]{1,18}$' THEN split_part(a.after, '.', 2)::bigint
			ELSE 0 END AS after_id,
		office_day($2::timestamptz) AS today, $3::bigint AS account
	FROM (SELECT split_part(p.path, '/', 1) AS filter, split_part(p.path, '/', 2) AS code, p.after
		FROM (SELECT split_part($1::text, '?', 1) AS path, split_part($1::text, '?', 2) AS after) p) a),
counted AS MATERIALIZED (SELECT t.department_no, sum(t.n) AS n FROM g, tally t
	WHERE t.noun = ANY (CASE WHEN g.items THEN ARRAY['item'] ELSE ARRAY['opinion', 'placed'] END)
	AND t.state = ANY (g.states) AND t.due <= g.until GROUP BY t.department_no),
listed AS MATERIALIZED (SELECT l.dues, l.ids FROM g, LATERAL opinions_listed(g.items, g.states,
	g.department_no, g.until, g.after_due, g.after_id, 51) l),
shown AS (SELECT s.place, coalesce(x.opinion_id, s.id) AS id, x.department_no, CASE
		WHEN s.due < 'infinity' AND g.filter NOT IN ('answered', 'approved') THEN s.due END AS due
	FROM g CROSS JOIN listed l
	CROSS JOIN LATERAL unnest(l.dues[:50], l.ids[:50]) WITH ORDINALITY AS s(due, id, place)
	LEFT JOIN rectification x ON g.items AND x.id = s.id)
SELECT jsonb_build_object('filter', g.filter, 'department', g.code,
	'here', concat_ws('/', '/opinions', g.filter, nullif(g.code, '')),
	'chosen', g.code <> '', 'first', g.after = '',
	'total', coalesce((SELECT sum(n) FROM counted c WHERE CASE WHEN g.code <> '' THEN c.department_no = g.department_no
		ELSE g.items OR c.department_no = 0 END), 0),
	'after', (SELECT CASE l.dues[50] WHEN 'infinity' THEN '-' ELSE (l.dues[50] - date '2000-01-01')::text END
		|| '.' || l.ids[50] FROM listed l WHERE cardinality(l.ids) > 50),
	'no_department', CASE WHEN g.code = '' THEN 'page' END,
	'tabs', (SELECT jsonb_agg(jsonb_build_object('name', 'opinions ' || t.filter,
			'now', CASE WHEN t.filter = g.filter THEN 'page' END,
			'link', concat_ws('/', '/opinions', t.filter, nullif(g.code, ''))) ORDER BY t.place)
		FROM unnest(ARRAY['review', 'sorted', 'handed', 'answered', 'approved', 'overdue', 'closed',
			'declined', 'recorded', 'all']) WITH ORDINALITY AS t(filter, place)),
	'departments', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'n', coalesce(c.n, 0),
			'now', CASE WHEN d.code = g.code THEN 'page' END, 'link', '/opinions/' || g.filter || '/' || d.code) ORDER BY d.no), '[]')
		FROM department d LEFT JOIN counted c ON c.department_no = d.no WHERE c.n > 0 OR d.code = g.code),
	'opinions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id,
			'text', CASE WHEN length(o.text) > 200 THEN left(o.text, 200) || '…' ELSE o.text END,
			'kind', o.kind, 'state', o.state,
			'name', CASE o.state WHEN 'handed' THEN 'opinion handed' ELSE o.state END, 'why', coalesce(left(o.why, 200), ''), 'round', r.code,
			'due', s.due, 'pace', CASE WHEN s.due < g.today THEN 'late' ELSE '' END,
			'days', workdays_between(g.today, s.due),
			'departments', coalesce((SELECT string_agg(d.name, '、' ORDER BY q.lead DESC, d.no)
				FROM opinion_department q JOIN department d ON d.no = q.department_no
				WHERE q.opinion_id = o.id AND (s.department_no IS NULL OR q.department_no = s.department_no)), '')) ORDER BY s.place), '[]')
		FROM shown s JOIN opinion o ON o.id = s.id JOIN round r ON r.id = o.round_id))::text
FROM g
WHERE g.filter IN ('review', 'sorted', 'handed', 'closed', 'declined', 'recorded', 'merged', 'answered',
	'approved', 'overdue', 'all')
AND (g.code = '' OR g.department_no IS NOT NULL)
