-- The letters that numbers, Message-IDs and senders' addresses lead to: key (one of those given), letter
-- (NULL: the Message-ID is that of a digest or notice), enterprise, the address that its first mail
-- went to, whether it has been answered, the mail whose Message-ID it is, whether its round is open
-- (asked of those that an address leads to: the letters of open or closed rounds).
-- $1 text[]: numbers; $2 text[]: Message-IDs with <>; $3 text[]: addresses in lower case
SELECT k.key, k.id, k.enterprise_id,
	(SELECT lower(f.recipient) FROM mailing f WHERE f.letter_id = k.id AND f.kind = 'first'),
	EXISTS (SELECT FROM response WHERE response.letter_id = k.id), k.mailing_id, k.open
FROM (
	SELECT number AS key, id, enterprise_id, NULL::bigint AS mailing_id, false AS open FROM letter
	WHERE number = ANY ($1::text[])
	UNION ALL
	SELECT m.message_id, l.id, l.enterprise_id, m.id, false
	FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id
	WHERE m.message_id = ANY ($2::text[])
	UNION ALL
	SELECT DISTINCT lower(c.email), l.id, l.enterprise_id, NULL::bigint, r.state = 'released' FROM contact c
	JOIN letter l ON l.enterprise_id = c.enterprise_id JOIN round r ON r.id = l.round_id
	WHERE lower(c.email) = ANY ($3::text[]) AND r.state IN ('released', 'closed')
) k ORDER BY k.key, k.id
