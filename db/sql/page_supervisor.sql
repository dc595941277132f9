-- Page: where every rectification stands, by department, with the bars of its chart (400 wide). Overdue are
-- of those to be signed for or in work; the bar shows them apart.
-- $1 text: not used; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	-- three working days on, or where the calendar ends
	(SELECT max(c.day) FROM calendar c JOIN calendar t ON t.day = office_day($2::timestamptz)
		WHERE c.number <= t.number + 3) AS soon, $3::bigint AS account)
, d AS (SELECT d.no, d.code, d.name, sum(t.n) AS total,
		coalesce(sum(t.n) FILTER (WHERE t.state = 'closed'), 0) AS closed,
		coalesce(sum(t.n) FILTER (WHERE t.state IN ('answered', 'approved')), 0) AS answered,
		coalesce(sum(t.n) FILTER (WHERE t.state IN ('signed', 'returned')), 0) AS signed,
		coalesce(sum(t.n) FILTER (WHERE t.state = 'handed'), 0) AS handed,
		coalesce(sum(t.n) FILTER (WHERE t.state IN ('signed', 'returned') AND t.due >= g.today), 0) AS signed_on,
		coalesce(sum(t.n) FILTER (WHERE t.state = 'handed' AND t.due >= g.today), 0) AS handed_on,
		coalesce(sum(t.n) FILTER (WHERE t.due BETWEEN g.today AND g.soon), 0) AS soon,
		coalesce(sum(t.n) FILTER (WHERE t.due < g.today), 0) AS overdue
	FROM g, tally t JOIN department d ON d.no = t.department_no
	WHERE t.noun = 'item' GROUP BY d.no, d.code, d.name HAVING sum(t.n) > 0
), p AS (SELECT d.*, row_number() OVER (ORDER BY overdue DESC, total - closed DESC, total DESC, no) - 1 AS place,
		400.0 / max(total) OVER () AS unit FROM d)
SELECT jsonb_build_object('today', g.today::text,
	'height', (SELECT count(*) * 26 + 4 FROM d),
	'total', coalesce((SELECT sum(total) FROM d), 0), 'closed', coalesce((SELECT sum(closed) FROM d), 0),
	'overdue', coalesce((SELECT sum(overdue) FROM d), 0), 'soon', coalesce((SELECT sum(soon) FROM d), 0),
	'seal', (SELECT jsonb_build_object('number', s.number, 'hash', left(encode(s.hash, 'hex'), 16))
		FROM seal s ORDER BY s.number DESC LIMIT 1),
	'departments', coalesce((SELECT jsonb_agg(jsonb_build_object('name', name, 'code', code, 'total', total,
		'closed', closed, 'answered', answered, 'signed', signed, 'handed', handed, 'overdue', overdue,
		'z', jsonb_build_object('closed', CASE closed WHEN 0 THEN 'z' ELSE '' END,
			'answered', CASE answered WHEN 0 THEN 'z' ELSE '' END,
			'signed', CASE signed WHEN 0 THEN 'z' ELSE '' END,
			'handed', CASE handed WHEN 0 THEN 'z' ELSE '' END,
			'overdue', CASE overdue WHEN 0 THEN 'z' ELSE '' END),
		'y', place * 26, 'text_y', place * 26 + 16,
		'closed_w', round(closed * unit, 1), 'answered_x', 190 + round(closed * unit, 1),
		'answered_w', round(answered * unit, 1), 'signed_x', 190 + round((closed + answered) * unit, 1),
		'signed_w', round(signed_on * unit, 1), 'handed_x', 190 + round((closed + answered + signed_on) * unit, 1),
		'handed_w', round(handed_on * unit, 1),
		'overdue_x', 190 + round((total - overdue) * unit, 1), 'overdue_w', round(overdue * unit, 1),
		'end_x', 196 + round(total * unit, 1)) ORDER BY place) FROM p), '[]'))::text
FROM g
