-- Page: messages that wait for a person.
-- $1 text: not used; $2 timestamptz: now; $3 bigint: account
WITH g AS (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account)
SELECT jsonb_build_object('messages', coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id,
		'state', m.state, 'problem', m.problem, 'due', m.review_due,
		'days', workdays_between(g.today, m.review_due), 'received_at', m.received_at,
		'from', coalesce(d.from_address, ''), 'subject', coalesce(d.record->>'subject', ''),
		'own', left(coalesce(d.record->>'own', ''), 2000),
		'attachments', coalesce((SELECT jsonb_agg(jsonb_build_object('name', coalesce(a->>'name', a->>'type'),
				'unread', coalesce(a->>'unread', '')))
			FROM jsonb_path_query(d.record->'attachments', 'strict $.**') a
			WHERE a->'sha256' IS NOT NULL), '[]'),
		'attached', left((SELECT string_agg(btrim(a->>'text', E' \n\r\t'), E'\n\n')
			FROM jsonb_path_query(d.record->'attachments', 'strict $.**') a
			WHERE a->'sha256' IS NOT NULL AND btrim(a->>'text', E' \n\r\t') <> ''), 2000),
		'proposals', message_proposals(m.id)) ORDER BY m.review_due, m.id)
	FROM message m LEFT JOIN reading d ON d.message_id = m.id
	WHERE m.state IN ('waiting', 'broken')), '[]'))::text
FROM g
