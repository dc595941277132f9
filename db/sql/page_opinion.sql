-- Page: one opinion beside its letter, for staff.
-- $1 text: the opinion's id; $2 timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT $1::text AS arg, $2::timestamptz AS now, office_day($2::timestamptz) AS today,
	$3::bigint AS account, departments_unread() AS unread)
SELECT jsonb_build_object('id', o.id, 'text', o.text, 'kind', o.kind, 'state', o.state,
	'name', CASE o.state WHEN 'handed' THEN 'opinion handed' ELSE o.state END,
	'why', coalesce(o.why, ''), 'review_due', o.review_due,
	'days', workdays_between(g.today, o.review_due),
	'pace', CASE WHEN o.review_due < g.today THEN 'late' ELSE '' END, 'created_at', o.created_at,
	'decide', o.state IN ('review', 'sorted'),
	'explained', coalesce(o.explained->'departments', '[]'),
	'lexicon', o.lexicon,
	-- whose it is by a person's word, which comes before what the classifier found
	'assigned', (SELECT jsonb_build_object('by', max(b.name), 'departments', jsonb_agg(jsonb_build_object(
			'code', d.code, 'name', d.name, 'lead', q.lead) ORDER BY q.lead DESC, d.no))
		FROM opinion_department q JOIN department d ON d.no = q.department_no
		JOIN account b ON b.id = q.by_account WHERE q.opinion_id = o.id HAVING count(*) > 0),
	'round', jsonb_build_object('code', r.code, 'title', r.title),
	'letter', jsonb_build_object('number', l.number, 'enterprise', e.name, 'stratum', e.stratum,
		'contact', coalesce(c.name, ''), 'phone', coalesce(c.phone, ''), 'email', coalesce(c.email, ''),
		'disclosure', s.disclosure, 'late', a.late),
	-- a note of staff has its way (phone, visit, post) where others have a mailbox; who brought it in,
	-- or said whose it is, is an event
	'answer', jsonb_build_object('at', a.at, 'own', a.own, 'channel', m.channel, 'message', m.id,
		'way', CASE WHEN m.channel = 'staff' THEN (SELECT 'way ' || p.mailbox FROM message_place p
			WHERE p.account = 'hand' AND p.message_id = m.id LIMIT 1) END,
		'by', (SELECT b.name FROM event v JOIN account b ON b.id = v.account_id
			WHERE v.noun = 'message' AND v.noun_id = m.id AND v.verb IN ('hand', 'file')
			ORDER BY v.id LIMIT 1),
		'files', (SELECT coalesce(jsonb_agg(jsonb_build_object('sha256', f->>'sha256',
				'name', CASE WHEN length(f->>'name') > 200 THEN left(f->>'name', 200) || '…'
					ELSE coalesce(nullif(f->>'name', ''), f->>'type') END,
				'size', pg_size_pretty((f->>'bytes')::numeric), 'unread', left(f->>'unread', 200))), '[]')
			FROM (SELECT f FROM jsonb_array_elements(w.files) f LIMIT 50) files),
		'more', greatest(0, jsonb_array_length(w.files) - 50),
		'others', (SELECT count(*) - 1 FROM opinion y WHERE y.answer_id = a.id),
		-- who has the number can write in anybody's name: only a contact's address speaks for itself
		'from', w.sender,
		'stranger', w.sender IS NOT NULL AND NOT w.given AND NOT EXISTS (SELECT FROM contact y
			WHERE y.enterprise_id = e.id AND lower(y.email) = lower(w.sender)),
		'mistyped', w.mistyped,
		'again', (SELECT coalesce(jsonb_agg(jsonb_build_object('message', y.id, 'at', y.received_at, 'place',
				(SELECT p.account FROM message_place p WHERE p.message_id = y.id
				AND y.channel IN ('imap', 'pop3') ORDER BY p.found_at, p.account LIMIT 1))
				ORDER BY y.received_at, y.id), '[]')
			FROM (SELECT * FROM message k WHERE k.same_as = m.id ORDER BY k.id LIMIT 20) y)),
	'ratings', coalesce((SELECT jsonb_agg(jsonb_build_object('department', d.name, 'grade', t.grade::text,
			-- what an earlier answer said otherwise
			'before', (SELECT x.grade::text FROM answer b JOIN reading y ON y.message_id = b.message_id,
				jsonb_to_recordset(y.record#>'{form,ratings}') AS x(department text, grade smallint)
				WHERE b.response_id = s.id AND b.id <> t.answer_id AND x.department = d.code
				AND x.grade <> t.grade ORDER BY b.at DESC, b.id DESC LIMIT 1)) ORDER BY t.grade, d.no)
		FROM rating t JOIN department d ON d.no = t.department_no WHERE t.response_id = s.id), '[]'),
	'drafts', coalesce((SELECT jsonb_agg(jsonb_build_object('id', x.id, 'department', d.name,
			'no', d.no, 'unread', d.no = ANY (g.unread), 'lead', x.lead, 'masked', x.masked,
			'replaced', (SELECT coalesce(jsonb_agg(DISTINCT p->>'text'), '[]')
				FROM jsonb_array_elements(k.replaced) p)) ORDER BY x.lead DESC, d.no)
		FROM rectification x JOIN department d ON d.no = x.department_no
		JOIN rectification_mask k ON k.rectification_id = x.id
		WHERE x.opinion_id = o.id AND x.state = 'draft'), '[]'),
	'items', coalesce((SELECT jsonb_agg(jsonb_build_object('id', x.id, 'department', d.name,
			'lead', x.lead, 'state', x.state, 'due', x.due, 'masked', x.masked,
			'days', CASE WHEN x.state IN ('handed', 'signed', 'returned')
				THEN workdays_between(g.today, x.due) END,
			'runs', x.state IN ('handed', 'signed', 'returned'),
			'no', d.no, 'unread', x.state IN ('handed', 'signed', 'returned') AND d.no = ANY (g.unread),
			'pace', CASE WHEN x.due < g.today THEN 'late' ELSE '' END,
			'sign_pace', CASE WHEN x.sign_due < g.today THEN 'late' ELSE '' END,
			'sign_due', CASE WHEN x.state = 'handed' THEN x.sign_due END,
			'sign_days', CASE WHEN x.state = 'handed' THEN workdays_between(g.today, x.sign_due) END,
			'answer', coalesce(x.answer, ''), 'returned_why', coalesce(x.returned_why, ''),
			'handed_at', x.handed_at, 'closed_at', x.closed_at) ORDER BY x.lead DESC, d.no)
		FROM rectification x JOIN department d ON d.no = x.department_no
		WHERE x.opinion_id = o.id AND x.state <> 'draft'), '[]'),
	'reply', (SELECT jsonb_build_object('text', y.text, 'at', y.created_at,
			'grade', coalesce(y.grade::text, ''), 'sent', coalesce((SELECT q.state FROM mailing q
				WHERE q.reply_id = y.id), 'paper')) FROM reply y WHERE y.opinion_id = o.id),
	-- what was found comes first; it is chosen beforehand only where the classifier was sure, or a person said so
	'departments', (SELECT jsonb_agg(jsonb_build_object('code', d.code, 'name', d.name,
			'found', q.department_no IS NOT NULL AND q.by_account IS NULL,
			'take', q.department_no IS NOT NULL AND NOT q.lead AND o.state <> 'review',
			'lead', coalesce(q.lead, false) AND (o.state <> 'review' OR o.kind = 'discipline'))
			ORDER BY q.department_no IS NULL, q.lead DESC, q.score DESC, d.no)
		FROM department d LEFT JOIN opinion_department q
			ON q.department_no = d.no AND q.opinion_id = o.id WHERE d.active),
	'history', coalesce((SELECT jsonb_agg(jsonb_build_object('at', v.at, 'verb', v.verb,
			'who', coalesce(b.name, ''), 'to', coalesce(v.to_state, '')) ORDER BY v.at, v.id)
		FROM event v LEFT JOIN account b ON b.id = v.account_id
		WHERE v.verb <> 'read' AND ((v.noun = 'opinion' AND v.noun_id = o.id) OR (v.noun = 'rectification'
			AND v.noun_id IN (SELECT x.id FROM rectification x WHERE x.opinion_id = o.id)))), '[]'))::text
FROM g JOIN opinion o ON o.id = CASE WHEN g.arg ~ '^[0-9]{1,18}$' THEN g.arg::bigint END
JOIN round r ON r.id = o.round_id JOIN answer a ON a.id = o.answer_id
JOIN message m ON m.id = a.message_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
LEFT JOIN reading v ON v.message_id = m.id
CROSS JOIN LATERAL (SELECT reading_files(v.record) AS files,
	CASE WHEN m.channel NOT IN ('form', 'staff') AND v.from_address NOT LIKE '%@pingyi.invalid'
		THEN left(v.from_address, 200) END AS sender,
	coalesce(v.clues @> '[{"clue": "given"}]', false) AS given,
	(SELECT substr(p, length('number-wrong: ') + 1) FROM jsonb_array_elements_text(v.record->'problems') p
		WHERE p LIKE 'number-wrong: %' LIMIT 1) AS mistyped OFFSET 0) w
