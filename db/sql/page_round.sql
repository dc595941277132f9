-- Page: how far a round is, each rate with its numerator and denominator, and how its letters fare.
-- $1 text: the round's code; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('code', r.code, 'title', r.title, 'state', 'round ' || r.state, 'opens', r.opens,
	'closes', r.closes, 'rates', jsonb_build_array(
		jsonb_build_object('name', 'rate delivered', 'n', f.sent, 'of', f.mailed,
			'share', f.sent::float8 / nullif(f.mailed, 0)),
		jsonb_build_object('name', 'rate returned', 'n', f.responses, 'of', f.letters - f.bounced,
			'share', f.responses::float8 / nullif(f.letters - f.bounced, 0)),
		jsonb_build_object('name', 'rate handed', 'n', o.handed, 'of', o.opinions - o.recorded,
			'share', o.handed::float8 / nullif(o.opinions - o.recorded, 0)),
		jsonb_build_object('name', 'rate signed', 'n', x.signed, 'of', x.handed,
			'share', x.signed::float8 / nullif(x.handed, 0)),
		jsonb_build_object('name', 'rate closed', 'n', x.closed, 'of', x.handed,
			'share', x.closed::float8 / nullif(x.handed, 0))),
	'figures', jsonb_build_array(
		jsonb_build_object('name', 'letters', 'n', f.letters),
		jsonb_build_object('name', 'responses', 'n', f.responses),
		jsonb_build_object('name', 'late', 'n', f.late),
		jsonb_build_object('name', 'opinions', 'n', o.opinions),
		jsonb_build_object('name', 'recorded', 'n', o.recorded),
		jsonb_build_object('name', 'declined', 'n', o.declined),
		jsonb_build_object('name', 'review', 'n', o.review),
		jsonb_build_object('name', 'items', 'n', x.handed),
		jsonb_build_object('name', 'overdue', 'n', x.overdue)),
	'sending', status - 'strata' - 'domains' || jsonb_build_object(
		'left_min', ceil((status->>'left_s')::numeric / 60),
		'others', (SELECT coalesce(jsonb_agg(k || jsonb_build_object('again',
				(k->>'doubtful')::bigint + (k->>'deferred')::bigint) ORDER BY place), '[]')
			FROM jsonb_array_elements(status->'kinds') WITH ORDINALITY AS t(k, place)
			WHERE k->>'kind' <> 'first'),
		'parts', (SELECT coalesce(jsonb_agg(p || jsonb_build_object('share', (p->>'w')::numeric / 100)
				ORDER BY place), '[]')
			FROM jsonb_array_elements(send_strip(status->'letters'->'bar'))
				WITH ORDINALITY AS t(p, place)),
		'tabs', (SELECT coalesce(jsonb_agg(jsonb_build_object('state', name,
				'n', listed->name) ORDER BY place), '[]')
			FROM (SELECT status->'letters' || jsonb_build_object('anew', (SELECT count(*) FROM mailing m
				JOIN letter l ON l.id = m.letter_id
				WHERE m.id IN (SELECT send_anew($2::timestamptz)) AND l.round_id = r.id)) AS listed) counted,
			unnest(ARRAY['anew', 'failed', 'bounced', 'doubtful', 'deferred', 'queued', 'later',
				'in_flight', 'sent', 'answered', 'paper']) WITH ORDINALITY AS t(name, place)
			WHERE (listed->>name)::bigint > 0),
		'tables', (SELECT jsonb_agg(jsonb_build_object('what', what,
				'columns', to_jsonb(columns), 'rows', (SELECT coalesce(jsonb_agg(
					jsonb_build_object('name', coalesce(f->>'stratum', f->>'domain', 'other domains'),
					'total', f->'letters', 'hold_until', f->'hold_until',
					'parts', send_strip(f->'bar'), 'cells', (SELECT jsonb_agg(jsonb_build_object(
						'what', c, 'n', f->c, 'zero', CASE WHEN (f->>c)::bigint = 0 THEN 'z' ELSE '' END,
						'next', CASE WHEN c = CASE WHEN (f->>'deferred')::bigint > 0 THEN 'deferred'
							ELSE 'doubtful' END
							THEN to_char((f->>'next')::timestamptz, 'MM-DD HH24:MI') END) ORDER BY at)
						FROM unnest(columns) WITH ORDINALITY AS cells(c, at))) ORDER BY place), '[]')
				FROM jsonb_array_elements(given) WITH ORDINALITY AS t(f, place))) ORDER BY nr)
			FROM (VALUES (1, 'by stratum', status->'strata', shown),
				(2, 'by domain', status->'domains', array_remove(shown, 'paper')))
				AS tables(nr, what, given, columns))),
	'mails', send_list(r.id, false, 'attention', NULL, 200, g.now)->'mails')::text
FROM g, round r, LATERAL (SELECT send_status(r.id, false, g.now) AS status OFFSET 0) sending,
LATERAL (SELECT array_agg(name ORDER BY place) AS shown FROM unnest(ARRAY['queued', 'later',
		'in_flight', 'sent', 'doubtful', 'deferred', 'failed', 'bounced', 'paper', 'answered'])
		WITH ORDINALITY AS t(name, place)
	WHERE name IN ('sent', 'answered') OR (status->'letters'->>name)::bigint > 0) columns,
LATERAL (SELECT (status->'letters'->>'letters')::bigint AS letters,
	(status->'letters'->>'letters')::bigint - (status->'letters'->>'paper')::bigint AS mailed,
	(status->'letters'->>'sent')::bigint AS sent,
	(status->'letters'->>'bounced')::bigint + (status->'letters'->>'failed')::bigint AS bounced,
	(status->'letters'->>'in_time')::bigint AS responses,
	(status->'letters'->>'answered')::bigint - (status->'letters'->>'in_time')::bigint AS late) f,
LATERAL (SELECT coalesce(sum(n), 0) AS opinions, coalesce(sum(n) FILTER (WHERE state = 'recorded'), 0) AS recorded,
	coalesce(sum(n) FILTER (WHERE state = 'declined'), 0) AS declined,
	coalesce(sum(n) FILTER (WHERE state = 'review'), 0) AS review,
	coalesce(sum(n) FILTER (WHERE state IN ('handed', 'closed')), 0) AS handed
	FROM tally WHERE noun = 'opinion' AND round_id = r.id) o,
LATERAL (SELECT coalesce(sum(n), 0) AS handed, coalesce(sum(n) FILTER (WHERE state <> 'handed'), 0) AS signed,
	coalesce(sum(n) FILTER (WHERE state = 'closed'), 0) AS closed,
	coalesce(sum(n) FILTER (WHERE due < g.today), 0) AS overdue
	FROM tally WHERE noun = 'item' AND round_id = r.id) x
WHERE r.code = g.arg
