-- The rates of a round: name, numerator, denominator; the office's own terms. 回收率 is over what
-- could be delivered, 按期 speaks of the clock of the department, satisfaction leaves 不了解 out.
-- $1 bigint: round; $2 timestamptz: now
WITH today AS (SELECT office_day($2::timestamptz) AS day),
	l AS (SELECT l.id, m.state AS mail FROM letter l
		LEFT JOIN mailing m ON m.letter_id = l.id AND m.kind = 'first' WHERE l.round_id = $1::bigint),
	s AS (SELECT s.id, s.late, EXISTS (SELECT FROM rating t WHERE t.response_id = s.id)
			OR EXISTS (SELECT FROM opinion o JOIN answer a ON a.id = o.answer_id
				WHERE a.response_id = s.id AND o.kind <> 'blank') AS valid
		FROM response s WHERE s.round_id = $1::bigint),
	o AS (SELECT state, kind FROM opinion WHERE round_id = $1::bigint),
	x AS (SELECT x.*, office_day(x.signed_at) <= x.sign_due AS signed_in_time,
			office_day(x.answered_at) <= x.due AS answered_in_time
		FROM rectification x WHERE x.round_id = $1::bigint AND x.state <> 'draft'),
	y AS (SELECT y.grade FROM reply y JOIN l ON l.id = y.letter_id),
	t AS (SELECT t.grade FROM rating t JOIN s ON s.id = t.response_id WHERE t.grade > 0)
SELECT name, n, d FROM (VALUES
	(1, 'delivered', (SELECT count(*) FROM l WHERE mail = 'sent'), (SELECT count(*) FROM l WHERE mail IS NOT NULL)),
	(2, 'answered in time', (SELECT count(*) FROM s WHERE NOT late),
		(SELECT count(*) FROM l WHERE mail IS NULL OR mail NOT IN ('bounced', 'failed'))),
	(3, 'answered late, counted apart', (SELECT count(*) FROM s WHERE late),
		(SELECT count(*) FROM l WHERE mail IS NULL OR mail NOT IN ('bounced', 'failed'))),
	(4, 'answers that say something', (SELECT count(*) FROM s WHERE NOT late AND valid),
		(SELECT count(*) FROM s WHERE NOT late)),
	(5, 'opinions accepted', (SELECT count(*) FROM o WHERE state IN ('handed', 'closed', 'merged')),
		(SELECT count(*) FROM o WHERE state <> 'recorded')),
	(6, 'items signed for in time', (SELECT count(*) FROM x WHERE signed_in_time),
		(SELECT count(*) FROM x, today WHERE x.signed_at IS NOT NULL OR x.sign_due < today.day)),
	(7, 'items answered in time', (SELECT count(*) FROM x WHERE answered_in_time),
		(SELECT count(*) FROM x, today WHERE x.answered_at IS NOT NULL OR x.due < today.day)),
	(8, 'items closed', (SELECT count(*) FROM x WHERE state = 'closed'), (SELECT count(*) FROM x)),
	(9, 'opinions closed with a reply', (SELECT count(*) FROM o WHERE state = 'closed'),
		(SELECT count(*) FROM o WHERE state IN ('handed', 'closed'))),
	(10, 'replies graded satisfied', (SELECT count(*) FROM y WHERE grade >= 3),
		(SELECT count(*) FROM y WHERE grade IS NOT NULL)),
	(11, 'ratings of satisfied or better', (SELECT count(*) FROM t WHERE grade >= 4), (SELECT count(*) FROM t)))
	AS rates (place, name, n, d) ORDER BY place
