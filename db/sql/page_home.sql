-- Page: the rounds, and what needs staff today.
-- $1 text: not used; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account),
c AS MATERIALIZED (SELECT noun || ' ' || state AS what, sum(n) AS n, sum(n) FILTER (WHERE due < today) AS late
	FROM g, tally WHERE noun IN ('opinion', 'item') GROUP BY noun, state)
SELECT jsonb_build_object(
	'today', g.today::text,
	'rounds', coalesce((SELECT jsonb_agg(jsonb_build_object('code', r.code, 'title', r.title,
			'state', 'round ' || r.state, 'opens', r.opens, 'closes', r.closes,
			'letters', (SELECT count(*) FROM letter l WHERE l.round_id = r.id),
			'responses', (SELECT count(*) FROM response s WHERE s.round_id = r.id AND NOT s.late))
			ORDER BY r.created_at DESC)
		FROM round r), '[]'),
	'gate', (SELECT jsonb_build_object('why', coalesce(s.why, ''), 'since', s.changed_at,
			'by', coalesce((SELECT a.name FROM account a WHERE a.id = s.account_id), ''),
			'round', (SELECT r.code FROM round r WHERE r.state <> 'draft'
				ORDER BY r.released_at DESC, r.id DESC LIMIT 1))
		FROM send_gate s WHERE NOT s.open),
	'todo', coalesce((SELECT jsonb_agg(jsonb_build_object('what', 'to address anew', 'round', a.title,
				'link', '/round/' || a.code || '/letters/anew', 'n', a.n, 'late', 0) ORDER BY a.round_id)
			FROM (SELECT l.round_id, r.code, r.title, count(*) AS n
				FROM mailing m JOIN letter l ON l.id = m.letter_id JOIN round r ON r.id = l.round_id
				WHERE m.id IN (SELECT send_anew(g.now)) GROUP BY l.round_id, r.code, r.title) a), '[]')
		|| jsonb_build_array(
		jsonb_build_object('what', 'pen', 'link', '/pen', 'n',
			(SELECT count(*) FROM message WHERE state IN ('waiting', 'broken')), 'late',
			(SELECT count(*) FROM message WHERE state IN ('waiting', 'broken') AND review_due < g.today)),
		jsonb_build_object('what', 'to review', 'link', '/opinions/review',
			'n', coalesce((SELECT n FROM c WHERE what = 'opinion review'), 0),
			'late', coalesce((SELECT late FROM c WHERE what = 'opinion review'), 0)),
		jsonb_build_object('what', 'to hand over', 'link', '/opinions/sorted',
			'n', coalesce((SELECT n FROM c WHERE what = 'opinion sorted'), 0),
			'late', coalesce((SELECT late FROM c WHERE what = 'opinion sorted'), 0)),
		jsonb_build_object('what', 'to approve', 'link', '/opinions/answered',
			'n', coalesce((SELECT n FROM c WHERE what = 'item answered'), 0), 'late', 0),
		jsonb_build_object('what', 'to close', 'link', '/opinions/approved',
			'n', coalesce((SELECT n FROM c WHERE what = 'item approved'), 0), 'late', 0),
		(SELECT jsonb_build_object('what', 'overdue', 'link', '/opinions/overdue', 'n', coalesce(sum(late), 0),
			'late', coalesce(sum(late), 0)) FROM c WHERE what LIKE 'item %'))
		|| coalesce((SELECT jsonb_build_array(jsonb_build_object('what', 'unread items', 'link', '/opinions/unread',
				'n', sum(n), 'late', coalesce(sum(n) FILTER (WHERE due < g.today), 0)))
			FROM tally WHERE noun = 'item' AND state IN ('handed', 'signed', 'returned')
			AND department_no = ANY ((SELECT departments_unread())::integer[]) HAVING sum(n) > 0), '[]'),
	'returned', coalesce((SELECT jsonb_agg(jsonb_build_object('kind', m.kind, 'name', coalesce(d.name, a.name),
			'command', CASE m.kind WHEN 'digest' THEN 'pingyi department email ' || d.code
				ELSE 'pingyi account email ' || a.login END, 'day', n.day,
			'said', concat_ws(' ', m.code, m.words)) ORDER BY m.id)
		FROM mailing m JOIN notice n ON n.id = m.notice_id
		LEFT JOIN department d ON d.no = n.department_no
		LEFT JOIN department_address w ON w.department_no = n.department_no
		LEFT JOIN account a ON a.id = n.account_id
		WHERE m.kind IN ('digest', 'notice') AND n.day > g.today - 31 AND m.state IN ('failed', 'bounced')
		AND m.recipient = coalesce(w.email, a.email)
		AND NOT EXISTS (SELECT FROM notice later JOIN mailing t ON t.notice_id = later.id
			WHERE later.kind = n.kind AND later.day > n.day AND t.state <> 'cancelled'
			AND coalesce(later.department_no, later.account_id) = coalesce(n.department_no, n.account_id))),
		'[]'),
	'jobs', coalesce((SELECT jsonb_agg(jsonb_build_object('name', j.name, 'problem', j.problem,
			'at', j.ended_at, 'failures', j.failures) ORDER BY j.name)
		FROM job j WHERE j.problem IS NOT NULL), '[]'))::text
FROM g
