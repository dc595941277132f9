-- Page: opinions in a state; answered, approved and overdue speak of their items.
-- $1 text: review, sorted, handed, closed, declined, recorded, answered, approved, overdue or all; $2 timestamptz: now; $3 bigint: account
WITH g AS (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('filter', g.arg, 'opinions', coalesce((SELECT jsonb_agg(one ORDER BY late DESC, due, id)
	FROM (SELECT o.id, coalesce(o.review_due < g.today, false) AS late,
		coalesce(o.review_due, (SELECT min(x.due) FROM rectification x
			WHERE x.opinion_id = o.id AND x.state NOT IN ('draft', 'closed'))) AS due,
		jsonb_build_object('id', o.id, 'text', o.text, 'kind', o.kind, 'state', o.state,
			'why', coalesce(o.why, ''), 'round', r.code,
			'due', coalesce(o.review_due, (SELECT min(x.due) FROM rectification x
				WHERE x.opinion_id = o.id AND x.state NOT IN ('draft', 'closed'))),
			'days', workdays_between(g.today, coalesce(o.review_due, (SELECT min(x.due)
				FROM rectification x
				WHERE x.opinion_id = o.id AND x.state NOT IN ('draft', 'closed', 'answered', 'approved')))),
			'departments', coalesce((SELECT string_agg(d.name, '、' ORDER BY q.lead DESC, d.no)
				FROM opinion_department q JOIN department d ON d.no = q.department_no
				WHERE q.opinion_id = o.id), '')) AS one
		FROM opinion o JOIN round r ON r.id = o.round_id
		WHERE CASE
			WHEN g.arg IN ('answered', 'approved') THEN EXISTS (SELECT FROM rectification x
				WHERE x.opinion_id = o.id AND x.state = g.arg)
			WHEN g.arg = 'overdue' THEN EXISTS (SELECT FROM rectification x
				WHERE x.opinion_id = o.id AND x.state IN ('handed', 'signed', 'returned') AND x.due < g.today)
			WHEN g.arg = 'all' THEN true
			ELSE o.state = g.arg END
		ORDER BY o.id LIMIT 500) list), '[]'))::text
FROM g
