-- Page: how far a round is, each rate with its numerator and denominator.
-- $1 text: the round's code; $2 timestamptz: now; $3 bigint: account
WITH g AS (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('code', r.code, 'title', r.title, 'state', 'round ' || r.state, 'opens', r.opens,
	'closes', r.closes, 'rates', jsonb_build_array(
		jsonb_build_object('name', 'rate delivered', 'n', f.sent - f.bounced, 'of', f.mailed,
			'share', (f.sent - f.bounced)::float8 / nullif(f.mailed, 0)),
		jsonb_build_object('name', 'rate returned', 'n', f.responses, 'of', f.letters - f.bounced,
			'share', f.responses::float8 / nullif(f.letters - f.bounced, 0)),
		jsonb_build_object('name', 'rate handed', 'n', f.handed_opinions, 'of', f.opinions - f.recorded,
			'share', f.handed_opinions::float8 / nullif(f.opinions - f.recorded, 0)),
		jsonb_build_object('name', 'rate signed', 'n', f.signed, 'of', f.handed,
			'share', f.signed::float8 / nullif(f.handed, 0)),
		jsonb_build_object('name', 'rate closed', 'n', f.closed, 'of', f.handed,
			'share', f.closed::float8 / nullif(f.handed, 0))),
	'figures', jsonb_build_array(
		jsonb_build_object('name', 'letters', 'n', f.letters),
		jsonb_build_object('name', 'paper', 'n', f.letters - f.mailed),
		jsonb_build_object('name', 'bounced', 'n', f.bounced),
		jsonb_build_object('name', 'responses', 'n', f.responses),
		jsonb_build_object('name', 'late', 'n', f.late),
		jsonb_build_object('name', 'opinions', 'n', f.opinions),
		jsonb_build_object('name', 'recorded', 'n', f.recorded),
		jsonb_build_object('name', 'declined', 'n', f.declined),
		jsonb_build_object('name', 'review', 'n', f.review),
		jsonb_build_object('name', 'items', 'n', f.handed),
		jsonb_build_object('name', 'overdue', 'n', f.overdue)),
	'letters', coalesce((SELECT jsonb_agg(jsonb_build_object('number', l.number, 'enterprise', e.name,
			'stratum', e.stratum, 'state', l.state) ORDER BY l.state, e.name)
		FROM letter_state l JOIN enterprise e ON e.id = l.enterprise_id WHERE l.round_id = r.id), '[]'))::text
FROM g, round r, LATERAL (SELECT
	(SELECT count(*) FROM letter l WHERE l.round_id = r.id) AS letters,
	(SELECT count(*) FROM mailing m JOIN letter l ON l.id = m.letter_id
		WHERE l.round_id = r.id AND m.kind = 'first') AS mailed,
	(SELECT count(*) FROM mailing m JOIN letter l ON l.id = m.letter_id
		WHERE l.round_id = r.id AND m.kind = 'first' AND m.state IN ('sent', 'bounced')) AS sent,
	(SELECT count(*) FROM mailing m JOIN letter l ON l.id = m.letter_id
		WHERE l.round_id = r.id AND m.kind = 'first' AND m.state IN ('bounced', 'failed')) AS bounced,
	(SELECT count(*) FROM response s WHERE s.round_id = r.id AND NOT s.late) AS responses,
	(SELECT count(*) FROM response s WHERE s.round_id = r.id AND s.late) AS late,
	(SELECT count(*) FROM opinion o WHERE o.round_id = r.id) AS opinions,
	(SELECT count(*) FROM opinion o WHERE o.round_id = r.id AND o.state = 'recorded') AS recorded,
	(SELECT count(*) FROM opinion o WHERE o.round_id = r.id AND o.state = 'declined') AS declined,
	(SELECT count(*) FROM opinion o WHERE o.round_id = r.id AND o.state = 'review') AS review,
	(SELECT count(*) FROM opinion o WHERE o.round_id = r.id AND o.state IN ('handed', 'closed')) AS handed_opinions,
	(SELECT count(*) FROM rectification x WHERE x.round_id = r.id AND x.state <> 'draft') AS handed,
	(SELECT count(*) FROM rectification x WHERE x.round_id = r.id AND x.signed_at IS NOT NULL) AS signed,
	(SELECT count(*) FROM rectification x WHERE x.round_id = r.id AND x.state = 'closed') AS closed,
	(SELECT count(*) FROM rectification x WHERE x.round_id = r.id
		AND x.state IN ('handed', 'signed', 'returned') AND x.due < g.today) AS overdue) f
WHERE r.code = g.arg
