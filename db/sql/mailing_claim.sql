-- Takes up to $2 mails in hand that are due, in their order from $4 and $5 on, and says what each is
-- made of. The inner limit is written out: with an unknown one the plan would be for a tenth of the
-- table.
-- $1 bigint: sender; $2 integer: how many (64 at most); $3 timestamptz: now; $4 timestamptz, $5
-- bigint: due_at and id of the last one taken before, so that what is done is not walked over again
WITH zone AS MATERIALIZED (
	SELECT coalesce((SELECT value FROM setting WHERE name = 'timezone'), 'Asia/Shanghai') AS name
), next AS MATERIALIZED (
	SELECT id FROM (SELECT id, due_at FROM mailing
		WHERE state IN ('due', 'doubtful', 'deferred') AND sender_id IS NULL
		AND due_at <= $3::timestamptz AND (due_at, id) > ($4::timestamptz, $5::bigint)
		ORDER BY due_at, id LIMIT 64 FOR UPDATE SKIP LOCKED) near
	ORDER BY due_at, id LIMIT $2::integer
), taken AS (
	UPDATE mailing m SET sender_id = $1::bigint FROM next WHERE m.id = next.id RETURNING m.*
)
SELECT m.id, m.due_at, m.kind, m.message_id, m.recipient, m.domain, m.tries, m.doubts, m.turn, r.reminders,
	l.number, l.secret_turn, l.round_id, l.enterprise_id, e.name, c.name,
	(l.created_at AT TIME ZONE (SELECT name FROM zone))::date::text,
	m.kind = 'reminder' AND (e.silent OR r.state <> 'released'
		OR EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)) AS unwanted,
	o.text, y.text, (y.created_at AT TIME ZONE (SELECT name FROM zone))::date::text,
	coalesce(d.name, a.name), n.day::text, n.facts::text,
	f.message_id, (f.sent_at AT TIME ZONE (SELECT name FROM zone))::date::text
FROM taken m LEFT JOIN letter l ON l.id = m.letter_id LEFT JOIN round r ON r.id = l.round_id
LEFT JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
LEFT JOIN reply y ON y.id = m.reply_id LEFT JOIN opinion o ON o.id = y.opinion_id
LEFT JOIN notice n ON n.id = m.notice_id LEFT JOIN department d ON d.no = n.department_no
LEFT JOIN account a ON a.id = n.account_id
LEFT JOIN mailing f ON m.kind = 'reminder' AND f.kind = 'first' AND f.letter_id = m.letter_id
ORDER BY m.due_at, m.id
