-- Page: messages that wait for a person, the most urgent first, 50 at once; or one of them (none, where it waits
-- no more), and the letters of enterprises that a person looks for. What strangers wrote is cut.
-- $1 text: "" or waiting, broken or late, then "?" and perhaps where the page before ended (list_place); or a
-- message's id, "?", and a part of an enterprise's name, its credit code or its letter's number; $2 timestamptz:
-- now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT p.filter, p.given, CASE WHEN p.one THEN p.filter::bigint END AS message_id,
		CASE WHEN p.one THEN btrim(left(p.given, 100)) ELSE '' END AS wanted,
		l.due AS after_due, l.id AS after_id, l.seen, office_day($2::timestamptz) AS today, $3::bigint AS account
	FROM (SELECT split_part($1::text, '?', 1) AS filter, substr($1::text, strpos($1::text, '?') + 1) AS given,
		$1::text ~ '^[0-9]{1,18}[?]' AS one) p, LATERAL list_place(p.given) l),
waits AS (SELECT count(*) AS total, count(*) FILTER (WHERE m.state = 'waiting') AS waiting,
		count(*) FILTER (WHERE m.state = 'broken') AS broken,
		count(*) FILTER (WHERE m.review_due < g.today) AS late
	FROM g, message m WHERE m.state IN ('waiting', 'broken')),
listed AS MATERIALIZED (SELECT m.*, row_number() OVER (ORDER BY m.review_due, m.id) AS place
	FROM (SELECT m.* FROM g, message m
		WHERE m.state IN ('waiting', 'broken') AND CASE WHEN g.message_id IS NOT NULL THEN m.id = g.message_id
			WHEN g.filter = '' THEN true WHEN g.filter = 'late' THEN m.review_due < g.today
			ELSE m.state = g.filter END
		AND (g.message_id IS NOT NULL OR (m.review_due, m.id) > (g.after_due, g.after_id))
		ORDER BY m.review_due, m.id LIMIT 51) m),
shown AS (SELECT * FROM listed WHERE place <= 50),
-- of each enterprise that got one, its letter: of an open round, else of the one that was released last; only
-- what is neither a credit code nor a letter's number is looked for in every name
sought AS MATERIALIZED (SELECT y.letter_id
	FROM (SELECT e.id FROM enterprise e WHERE e.credit_code = (SELECT upper(wanted) FROM g)
		UNION ALL
		SELECT e.id FROM enterprise e WHERE (SELECT length(wanted) > 1
			AND upper(wanted) !~ '^([0-9A-Z]{2}[0-9]{6}[0-9A-Z]{10}|PY-[0-9A-Z]{8})$' FROM g)
		AND (strpos(e.name, (SELECT wanted FROM g)) > 0 OR strpos(e.short_name, (SELECT wanted FROM g)) > 0)) e,
	LATERAL (SELECT l.id AS letter_id FROM letter l JOIN round r ON r.id = l.round_id
		WHERE l.enterprise_id = e.id AND r.state IN ('released', 'closed')
		ORDER BY r.state = 'released' DESC, r.released_at DESC LIMIT 1) y LIMIT 21),
found AS MATERIALIZED (SELECT l.number, e.name, r.title, s.id IS NOT NULL AS answered
	FROM (SELECT letter_id FROM sought UNION SELECT l.id FROM g, letter l WHERE l.number = upper(g.wanted)) w
	JOIN letter l ON l.id = w.letter_id JOIN enterprise e ON e.id = l.enterprise_id
	JOIN round r ON r.id = l.round_id AND r.state IN ('released', 'closed') LEFT JOIN response s ON s.letter_id = l.id)
SELECT jsonb_build_object('filter', g.filter, 'here', concat_ws('/', '/pen', nullif(g.filter, '')),
	-- where one is brought back to when a message has gone from the list
	'back', CASE WHEN g.message_id IS NOT NULL THEN '/pen' ELSE concat_ws('/', '/pen', nullif(g.filter, ''))
		|| CASE WHEN g.after_id > 0 THEN '?after=' || list_place_text(g.after_due, g.after_id, g.seen) ELSE '' END END,
	'total', CASE g.filter WHEN '' THEN w.total WHEN 'waiting' THEN w.waiting WHEN 'broken' THEN w.broken
		WHEN 'late' THEN w.late ELSE 1 END,
	'from', g.seen + 1, 'to', g.seen + (SELECT count(*) FROM shown), 'first', g.message_id IS NULL AND g.after_id = 0,
	'after', (SELECT list_place_text(l.review_due, l.id, g.seen + 50) FROM listed l WHERE l.place = 50
		AND EXISTS (SELECT FROM listed m WHERE m.place = 51)),
	'wanted', g.wanted, 'one', g.message_id IS NOT NULL,
	'none', g.wanted <> '' AND NOT EXISTS (SELECT FROM found),
	'too_many', (SELECT count(*) > 20 FROM sought),
	'found', coalesce((SELECT jsonb_agg(jsonb_build_object('number', f.number, 'enterprise', f.name, 'round', f.title,
			'answered', f.answered, 'why', '[]'::jsonb) ORDER BY f.name, f.number)
		FROM (SELECT * FROM found ORDER BY name, number LIMIT 20) f), '[]'),
	'tabs', jsonb_build_array(
		jsonb_build_object('name', 'pen all', 'n', w.total, 'link', '/pen',
			'now', CASE WHEN g.filter = '' THEN 'page' END),
		jsonb_build_object('name', 'waiting', 'n', w.waiting, 'link', '/pen/waiting',
			'now', CASE WHEN g.filter = 'waiting' THEN 'page' END),
		jsonb_build_object('name', 'broken', 'n', w.broken, 'link', '/pen/broken',
			'now', CASE WHEN g.filter = 'broken' THEN 'page' END),
		jsonb_build_object('name', 'overdue', 'n', w.late, 'link', '/pen/late',
			'now', CASE WHEN g.filter = 'late' THEN 'page' END)),
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
		'proposals', y.proposals, 'open', y.proposals = '[]' OR g.message_id IS NOT NULL) ORDER BY m.review_due, m.id)
	FROM shown m LEFT JOIN reading d ON d.message_id = m.id
	CROSS JOIN LATERAL (SELECT reading_files(d.record) AS files OFFSET 0) x
	CROSS JOIN LATERAL (SELECT CASE WHEN g.wanted = '' THEN message_proposals(m.id) ELSE '[]' END AS proposals) y), '[]'))::text
FROM g, waits w
WHERE g.filter IN ('', 'waiting', 'broken', 'late') OR EXISTS (SELECT FROM message m WHERE m.id = g.message_id)
