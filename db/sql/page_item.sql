-- Page: one item of a department. Row security leaves its own rows only.
-- $1 text: the item's id; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('id', x.id, 'text', x.masked, 'lead', x.lead, 'state', x.state,
	'due', x.due, 'sign_due', x.sign_due, 'original_due', x.original_due,
	'clock', c.clock, 'clock_due', c.due, 'days', workdays_between(g.today, c.due),
	'pace', CASE WHEN c.due < g.today THEN 'late' ELSE '' END,
	'provisional', x.provisional, 'handed_at', x.handed_at, 'signed_at', x.signed_at,
	'answered_at', x.answered_at, 'closed_at', x.closed_at, 'answer', coalesce(x.answer, ''),
	'returned_why', coalesce(x.returned_why, ''), 'round', r.title)::text
FROM g JOIN rectification x ON x.id = CASE WHEN g.arg ~ '^[0-9]{1,18}$' THEN g.arg::bigint END
JOIN round r ON r.id = x.round_id
-- the clock that runs, as in page_department.sql
LEFT JOIN LATERAL (SELECT CASE WHEN x.state = 'handed' AND x.sign_due <= x.due THEN 'clock sign'
		ELSE 'clock answer' END AS clock,
	CASE WHEN x.state = 'handed' THEN least(x.sign_due, x.due) ELSE x.due END AS due
	WHERE x.state IN ('handed', 'signed', 'returned')) c ON true
WHERE x.state <> 'draft'
