-- Page: messages that wait for a person, the most urgent first, 50 at once. What strangers wrote is cut.
-- $1 text: "" or waiting, broken or late, then "?" and perhaps which 50; $2 timestamptz: now; $3 bigint:
-- account
WITH g AS MATERIALIZED (SELECT split_part($1::text, '?', 1) AS filter,
		CASE WHEN split_part($1::text, '?', 2) ~ '^[0-9]{1,6}$' THEN split_part($1::text, '?', 2)::integer
			ELSE 1 END AS page,
		office_day($2::timestamptz) AS today, $3::bigint AS account),
waits AS (SELECT count(*) AS total, count(*) FILTER (WHERE m.state = 'waiting') AS waiting,
		count(*) FILTER (WHERE m.state = 'broken') AS broken,
		count(*) FILTER (WHERE m.review_due < g.today) AS late
	FROM g, message m WHERE m.state IN ('waiting', 'broken')),
counted AS (SELECT CASE g.filter WHEN '' THEN w.total WHEN 'waiting' THEN w.waiting WHEN 'broken' THEN w.broken
		ELSE w.late END AS total FROM g, waits w),
paged AS (SELECT c.total, greatest(1, least(g.page, (c.total + 49) / 50)) AS page, (c.total + 49) / 50 AS pages
	FROM g, counted c),
shown AS (SELECT m.* FROM g, message m
	WHERE m.state IN ('waiting', 'broken') AND CASE g.filter WHEN '' THEN true
		WHEN 'late' THEN m.review_due < g.today ELSE m.state = g.filter END
	ORDER BY m.review_due, m.id LIMIT 50 OFFSET (SELECT (page - 1) * 50 FROM paged))
SELECT jsonb_build_object('filter', g.filter, 'here', concat_ws('/', '/pen', nullif(g.filter, '')),
	'total', p.total, 'page', p.page, 'pages', p.pages, 'many', p.pages > 1,
	'previous', CASE WHEN p.page > 1 THEN p.page - 1 END,
	'next', CASE WHEN p.page < p.pages THEN p.page + 1 END,
	'tabs', (SELECT jsonb_build_array(
			jsonb_build_object('name', 'pen all', 'n', w.total, 'link', '/pen', 'now', CASE WHEN g.filter = '' THEN 'page' END),
			jsonb_build_object('name', 'waiting', 'n', w.waiting, 'link', '/pen/waiting', 'now', CASE WHEN g.filter = 'waiting' THEN 'page' END),
			jsonb_build_object('name', 'broken', 'n', w.broken, 'link', '/pen/broken', 'now', CASE WHEN g.filter = 'broken' THEN 'page' END),
			jsonb_build_object('name', 'overdue', 'n', w.late, 'link', '/pen/late', 'now', CASE WHEN g.filter = 'late' THEN 'page' END))
		FROM waits w),
	'messages', coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id,
		'state', m.state, 'problem', m.problem, 'due', m.review_due,
		'days', workdays_between(g.today, m.review_due),
		'pace', CASE WHEN m.review_due < g.today THEN 'late' ELSE '' END, 'received_at', m.received_at,
		'from', left(coalesce(d.from_address, ''), 200),
		'subject', left(coalesce(d.record->>'subject', ''), 200)
			|| CASE WHEN length(d.record->>'subject') > 200 THEN '…' ELSE '' END,
		'own', left(coalesce(d.record->>'own', ''), 2000),
		'unread', coalesce(jsonb_path_exists(x.files, '$[*].unread ? (@ != null)'), false), -- a person reads them
		'files', coalesce((SELECT jsonb_agg(jsonb_build_object('sha256', f->>'sha256',
				'name', CASE WHEN length(f->>'name') > 200 THEN left(f->>'name', 200) || '…'
					ELSE coalesce(nullif(f->>'name', ''), f->>'type') END,
				'size', pg_size_pretty((f->>'bytes')::numeric), 'unread', left(f->>'unread', 200)))
			FROM (SELECT f FROM jsonb_array_elements(x.files) f LIMIT 50) files), '[]'),
		'more', greatest(0, jsonb_array_length(x.files) - 50),
		'attached', left((SELECT string_agg(t.text, E'\n\n')
			FROM (SELECT btrim(left(f->>'text', 2000), E' \n\r\t') AS text
				FROM jsonb_array_elements(x.files) f WHERE f->>'text' <> '' LIMIT 100) t
			WHERE t.text <> ''), 2000),
		'proposals', y.proposals, 'open', y.proposals = '[]') ORDER BY m.review_due, m.id)
	FROM shown m LEFT JOIN reading d ON d.message_id = m.id
	CROSS JOIN LATERAL (SELECT reading_files(d.record) AS files OFFSET 0) x
	CROSS JOIN LATERAL (SELECT message_proposals(m.id) AS proposals) y), '[]'))::text
FROM g, paged p WHERE g.filter IN ('', 'waiting', 'broken', 'late')
