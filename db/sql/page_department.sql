-- Page: what a department has, the most urgent first, by the clock that runs: until it is signed for
-- that of signing, unless the answer is due earlier. Row security leaves its own rows only.
-- $1 text: not used; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('open', coalesce((SELECT jsonb_agg(jsonb_build_object('id', c.id,
			'text', c.masked, 'lead', c.lead, 'state', c.state, 'round', c.title, 'due', c.due,
			'sign_due', c.sign_due, 'clock', c.clock, 'clock_due', c.clock_due,
			'pace', CASE WHEN c.clock_due < g.today THEN 'late' ELSE '' END,
			'days', workdays_between(g.today, c.clock_due)) ORDER BY c.clock_due, c.id)
		FROM (SELECT x.*, r.title,
				CASE WHEN x.state = 'handed' AND x.sign_due <= x.due THEN 'clock sign'
					ELSE 'clock answer' END AS clock,
				CASE WHEN x.state = 'handed' THEN least(x.sign_due, x.due) ELSE x.due END AS clock_due
			FROM rectification x JOIN round r ON r.id = x.round_id
			WHERE x.state IN ('handed', 'signed', 'returned')) c), '[]'),
	'done', coalesce((SELECT jsonb_agg(one ORDER BY at DESC, id DESC) FROM (
		SELECT x.id, x.answered_at AS at, jsonb_build_object('id', x.id, 'text', x.masked,
			'lead', x.lead, 'state', x.state, 'answered_at', x.answered_at, 'round', r.title) AS one
		FROM rectification x JOIN round r ON r.id = x.round_id
		WHERE x.state IN ('answered', 'approved', 'closed')
		ORDER BY x.answered_at DESC LIMIT 200) list), '[]'))::text
FROM g
