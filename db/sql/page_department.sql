-- Page: what a department has, the most urgent first. Row security leaves its own rows only.
-- $1 text: not used; $2 timestamptz: now; $3 bigint: account
WITH g AS (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('open', coalesce((SELECT jsonb_agg(one ORDER BY due, id) FROM (
		SELECT x.id, x.due, jsonb_build_object('id', x.id, 'text', x.masked, 'lead', x.lead,
			'state', x.state, 'due', x.due, 'sign_due', x.sign_due, 'round', r.title,
			'days', workdays_between(g.today, CASE x.state WHEN 'handed' THEN least(x.sign_due, x.due)
				ELSE x.due END)) AS one
		FROM rectification x JOIN round r ON r.id = x.round_id
		WHERE x.state IN ('handed', 'signed', 'returned')) list), '[]'),
	'done', coalesce((SELECT jsonb_agg(one ORDER BY at DESC, id DESC) FROM (
		SELECT x.id, x.answered_at AS at, jsonb_build_object('id', x.id, 'text', x.masked,
			'lead', x.lead, 'state', x.state, 'answered_at', x.answered_at, 'round', r.title) AS one
		FROM rectification x JOIN round r ON r.id = x.round_id
		WHERE x.state IN ('answered', 'approved', 'closed')
		ORDER BY x.answered_at DESC LIMIT 200) list), '[]'))::text
FROM g
