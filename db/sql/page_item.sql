-- Page: one item of a department. Row security leaves its own rows only.
-- $1 text: the item's id; $2 timestamptz: now; $3 bigint: account
-- A pattern on the way to the index would keep row security from using it.
WITH g AS MATERIALIZED (SELECT CASE WHEN $1::text ~ '^[0-9]{1,18}$' THEN $1::text::bigint END AS id,
	office_day($2::timestamptz) AS today, $3::bigint AS account)
SELECT jsonb_build_object('id', x.id, 'text', x.masked, 'lead', x.lead, 'state', x.state,
	'due', x.due, 'sign_due', x.sign_due, 'original_due', x.original_due,
	'clock', CASE WHEN x.state = 'handed' AND x.sign_due <= x.due THEN 'clock sign'
		WHEN x.clock IS NOT NULL THEN 'clock answer' END,
	'clock_due', x.clock, 'days', workdays_between(g.today, x.clock),
	'pace', CASE WHEN x.clock < g.today THEN 'late' ELSE '' END,
	'provisional', x.provisional, 'handed_at', x.handed_at, 'signed_at', x.signed_at,
	'answered_at', x.answered_at, 'closed_at', x.closed_at, 'answer', coalesce(x.answer, ''),
	'returned_why', coalesce(x.returned_why, ''), 'round', r.title)::text
FROM g JOIN rectification x ON x.id = g.id
JOIN round r ON r.id = x.round_id
WHERE x.state <> 'draft'
