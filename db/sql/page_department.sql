-- Page: what a department has to do, the most urgent first by the clock that runs, 50 at once; on the first
-- page also what it answered last. Row security leaves its own rows only.
-- $1 text: "?", then perhaps where the page before ended (list_place); $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT p.after, l.due AS after_clock, l.id AS after_id, l.seen,
		office_day($2::timestamptz) AS today, $3::bigint AS account
	FROM (SELECT split_part($1::text, '?', 2) AS after) p, LATERAL list_place(p.after) l),
listed AS MATERIALIZED (SELECT l.*, row_number() OVER (ORDER BY l.clock, l.id) AS place
	FROM g, LATERAL (SELECT x.id, x.round_id, x.masked, x.lead, x.state, x.due, x.sign_due, x.clock
		FROM rectification x WHERE x.clock IS NOT NULL AND (x.clock, x.id) > (g.after_clock, g.after_id)
		ORDER BY x.clock, x.id LIMIT 51) l)
SELECT jsonb_build_object('first', g.after = '', 'total', (SELECT count(*) FROM rectification WHERE clock IS NOT NULL),
	'from', g.seen + 1, 'to', g.seen + (SELECT count(*) FROM listed l WHERE l.place <= 50),
	'after', (SELECT list_place_text(l.clock, l.id, g.seen + 50) FROM listed l WHERE l.place = 50
		AND EXISTS (SELECT FROM listed m WHERE m.place = 51)),
	'open', coalesce((SELECT jsonb_agg(jsonb_build_object('id', l.id,
			'text', l.masked, 'lead', l.lead, 'state', l.state, 'round', r.title, 'due', l.due,
			'sign_due', l.sign_due, 'clock_due', l.clock,
			'clock', CASE WHEN l.state = 'handed' AND l.sign_due <= l.due THEN 'clock sign' ELSE 'clock answer' END,
			'pace', CASE WHEN l.clock < g.today THEN 'late' ELSE '' END,
			'days', workdays_between(g.today, l.clock)) ORDER BY l.place)
		FROM listed l JOIN round r ON r.id = l.round_id WHERE l.place <= 50), '[]'),
	'done', coalesce((SELECT jsonb_agg(one ORDER BY at DESC, id DESC) FROM (
		SELECT x.id, x.answered_at AS at, jsonb_build_object('id', x.id, 'text', x.masked,
			'lead', x.lead, 'state', x.state, 'answered_at', x.answered_at, 'round', r.title) AS one
		FROM rectification x JOIN round r ON r.id = x.round_id
		WHERE x.state IN ('answered', 'approved', 'closed') AND g.after = ''
		ORDER BY x.answered_at DESC, x.id DESC LIMIT 200) list), '[]'))::text
FROM g
