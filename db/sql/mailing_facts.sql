-- What a mail is made of.
-- $1 bigint: mailing
SELECT m.kind, m.message_id, m.recipient, m.tries, l.number, l.secret_turn, e.name, c.name,
	l.round_id, office_day(l.created_at)::text, o.text, y.text, office_day(y.created_at)::text
FROM mailing m JOIN letter l ON l.id = m.letter_id JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
LEFT JOIN reply y ON y.id = m.reply_id LEFT JOIN opinion o ON o.id = y.opinion_id
WHERE m.id = $1::bigint
