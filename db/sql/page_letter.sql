-- Page: one letter's whole history: each of its mails with every try, and what came back.
-- $1 text: the letter's number; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT upper($1::text) AS number, $2::timestamptz AS now, $3::bigint AS account)
SELECT jsonb_build_object('number', l.number, 'state', s.state, 'revoked', l.revoked,
	'created_at', l.created_at,
	'round', jsonb_build_object('code', r.code, 'title', r.title),
	'enterprise', jsonb_build_object('name', e.name, 'stratum', e.stratum, 'silent', e.silent,
		'contact', c.name, 'phone', c.phone, 'email', c.email),
	'answered', (SELECT jsonb_build_object('first_at', p.first_at, 'late', p.late) FROM response p
		WHERE p.letter_id = l.id),
	'mails', coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id, 'kind', m.kind, 'turn', m.turn,
			'recipient', m.recipient, 'message_id', m.message_id, 'state',
			CASE WHEN q.sender_id IS NOT NULL THEN 'in_flight' WHEN m.state <> 'due' THEN m.state
				WHEN q.due_at > g.now THEN 'later' ELSE 'queued' END,
			'next', q.due_at,
			'returned', m.state = 'deferred' AND q.sender_id IS NULL AND (SELECT t.outcome FROM attempt t
				WHERE t.mailing_id = m.id ORDER BY t.number DESC LIMIT 1) = 'put back',
			'sent_at', m.sent_at, 'code', m.code, 'words', m.words,
			'tries', coalesce((SELECT jsonb_agg(jsonb_build_object('number', t.number, 'at', t.at,
					'sender', d.name, 'relay', d.relay, 'outcome', t.outcome, 'code', t.code,
					'words', t.words) ORDER BY t.number)
				FROM attempt t LEFT JOIN sender d ON d.id = t.sender_id
				WHERE t.mailing_id = m.id), '[]')) ORDER BY m.created_at, m.id)
		FROM (SELECT f.* FROM mailing f WHERE f.letter_id = l.id AND f.kind = 'first'
			UNION ALL SELECT f.* FROM mailing f WHERE f.letter_id = l.id AND f.kind <> 'first') m
		LEFT JOIN dispatch q ON q.mailing_id = m.id), '[]'),
	'came', coalesce((SELECT jsonb_agg(jsonb_build_object('id', m.id, 'at', m.received_at,
			'channel', m.channel, 'kind', coalesce('message ' || d.kind, ''), 'state', 'message ' || m.state, 'problem', m.problem)
			ORDER BY m.received_at, m.id)
		FROM message m LEFT JOIN reading d ON d.message_id = m.id WHERE m.letter_id = l.id), '[]'))::text
FROM g JOIN letter l ON l.number = g.number JOIN letter_state s ON s.id = l.id
JOIN round r ON r.id = l.round_id JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
