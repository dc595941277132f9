-- What a reminder, reply, digest or notice is made of besides.
-- $1 bigint: mailing; $2 timestamptz: now
SELECT m.turn, r.reminders,
	m.kind = 'reminder' AND (e.silent OR NOT e.active OR l.revoked OR r.state <> 'released'
		OR office_day($2::timestamptz) > r.closes
		OR EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)) AS unwanted,
	f.message_id, office_day(f.sent_at)::text, o.text, y.text, office_day(y.created_at)::text,
	coalesce(d.name, a.name), n.day::text, n.facts::text
FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id LEFT JOIN round r ON r.id = l.round_id
LEFT JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN mailing f ON f.letter_id = m.letter_id AND f.kind = 'first'
LEFT JOIN reply y ON y.id = m.reply_id LEFT JOIN opinion o ON o.id = y.opinion_id
LEFT JOIN notice n ON n.id = m.notice_id LEFT JOIN department d ON d.no = n.department_no
LEFT JOIN account a ON a.id = n.account_id
WHERE m.id = $1::bigint
