-- Page: opinions in a state, the most urgent first, 50 at once; answered, approved, overdue and unread (with
-- departments that nobody can log in for) are lists of items: an opinion stands there once for each department
-- whose item it is.
-- $1 text: review, sorted, handed, closed, declined, recorded, merged, answered, approved, overdue, unread
-- or all, then perhaps "/" and a department's code, then "?" and perhaps where the page before ended (list_place);
-- $2 timestamptz: now; $3 bigint: account
WITH asked AS MATERIALIZED (SELECT split_part(p.path, '/', 1) AS filter, split_part(p.path, '/', 2) AS code, p.after,
		(SELECT no FROM department WHERE code = split_part(p.path, '/', 2)) AS department_no,
		departments_unread() AS unread, office_day($2::timestamptz) AS today, $3::bigint AS account
	FROM (SELECT split_part($1::text, '?', 1) AS path, split_part($1::text, '?', 2) AS after) p),
tab AS MATERIALIZED (SELECT t.filter, t.place, t.filter IN ('answered', 'approved', 'overdue', 'unread') AS items,
		CASE WHEN t.filter IN ('overdue', 'unread') THEN ARRAY['handed', 'signed', 'returned']
			WHEN t.filter = 'all' THEN ARRAY['review', 'sorted', 'handed', 'closed', 'declined', 'recorded', 'merged']
			ELSE ARRAY[t.filter] END AS states,
		CASE t.filter WHEN 'overdue' THEN a.today - 1 ELSE 'infinity' END AS until,
		CASE WHEN a.code <> '' THEN ARRAY(SELECT a.department_no
				WHERE t.filter <> 'unread' OR a.department_no = ANY (a.unread))
			WHEN t.filter = 'unread' THEN a.unread END AS departments
	FROM asked a, unnest(ARRAY['review', 'sorted', 'handed', 'answered', 'approved', 'overdue', 'unread', 'closed',
		'declined', 'recorded', 'merged', 'all']) WITH ORDINALITY AS t(filter, place)),
g AS MATERIALIZED (SELECT a.*, t.items, t.states, t.until, t.departments, l.due AS after_due, l.id AS after_id, l.seen
	FROM asked a JOIN tab t USING (filter), LATERAL list_place(a.after) l),
figures AS MATERIALIZED (SELECT t.noun, t.department_no, t.state, t.due < a.today AS late, sum(t.n) AS n
	FROM asked a, tally t GROUP BY 1, 2, 3, 4),
counted AS MATERIALIZED (SELECT t.filter, f.department_no, sum(f.n) AS n FROM asked a, tab t, figures f
	WHERE f.noun = ANY (CASE WHEN t.items THEN ARRAY['item'] ELSE ARRAY['opinion', 'placed'] END)
	AND f.state = ANY (t.states) AND (t.filter <> 'overdue' OR f.late)
	AND (t.filter <> 'unread' OR f.department_no = ANY (a.unread)) GROUP BY t.filter, f.department_no),
sums AS MATERIALIZED (SELECT t.filter, t.place, coalesce(sum(c.n), 0) AS n FROM asked a CROSS JOIN tab t
	LEFT JOIN counted c ON c.filter = t.filter AND CASE WHEN a.code <> '' THEN c.department_no = a.department_no
		ELSE t.items OR c.department_no = 0 END
	GROUP BY t.filter, t.place),
listed AS MATERIALIZED (SELECT l.dues, l.ids FROM g, LATERAL opinions_listed(g.items, g.states,
	g.departments, g.until, g.after_due, g.after_id, 51) l),
shown AS (SELECT s.place, coalesce(x.opinion_id, s.id) AS id, x.department_no, CASE
		WHEN s.due < 'infinity' AND g.filter NOT IN ('answered', 'approved') THEN s.due END AS due
	FROM g CROSS JOIN listed l
	CROSS JOIN LATERAL unnest(l.dues[:50], l.ids[:50]) WITH ORDINALITY AS s(due, id, place)
	LEFT JOIN rectification x ON g.items AND x.id = s.id)
SELECT jsonb_build_object('filter', g.filter, 'department', g.code,
	'here', concat_ws('/', '/opinions', g.filter, nullif(g.code, '')),
	'chosen', g.code <> '', 'first', g.after = '',
	'total', (SELECT n FROM sums WHERE filter = g.filter),
	'from', g.seen + 1, 'to', g.seen + (SELECT least(50, coalesce(cardinality(l.ids), 0)) FROM listed l),
	'after', (SELECT list_place_text(l.dues[50], l.ids[50], g.seen + 50) FROM listed l WHERE cardinality(l.ids) > 50),
	'no_department', CASE WHEN g.code = '' THEN 'page' END,
	'tabs', (SELECT jsonb_agg(jsonb_build_object('name', 'opinions ' || t.filter, 'n', t.n,
			'now', CASE WHEN t.filter = g.filter THEN 'page' END,
			'link', concat_ws('/', '/opinions', t.filter, nullif(g.code, ''))) ORDER BY t.place)
		FROM sums t WHERE t.n > 0 OR t.filter = g.filter OR t.filter NOT IN ('unread', 'merged')),
	'departments', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', d.name, 'n', coalesce(c.n, 0),
			'now', CASE WHEN d.code = g.code THEN 'page' END, 'link', '/opinions/' || g.filter || '/' || d.code) ORDER BY d.no), '[]')
		FROM department d LEFT JOIN counted c ON c.filter = g.filter AND c.department_no = d.no
		WHERE c.n > 0 OR d.code = g.code),
	'opinions', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id,
			'text', CASE WHEN length(o.text) > 200 THEN left(o.text, 200) || '…' ELSE o.text END,
			'kind', o.kind, 'state', o.state,
			'name', CASE o.state WHEN 'handed' THEN 'opinion handed' ELSE o.state END, 'why', coalesce(left(o.why, 200), ''), 'round', r.code,
			'due', s.due, 'pace', CASE WHEN s.due < g.today THEN 'late' ELSE '' END,
			'days', workdays_between(g.today, s.due),
			'no', CASE WHEN g.filter = 'unread' THEN s.department_no END, -- what to print for them goes by it
			'departments', coalesce((SELECT string_agg(d.name, '、' ORDER BY q.lead DESC, d.no)
				FROM opinion_department q JOIN department d ON d.no = q.department_no
				WHERE q.opinion_id = o.id AND (s.department_no IS NULL OR q.department_no = s.department_no)), '')) ORDER BY s.place), '[]')
		FROM shown s JOIN opinion o ON o.id = s.id JOIN round r ON r.id = o.round_id))::text
FROM g
WHERE g.code = '' OR g.department_no IS NOT NULL
