-- Takes up to $2 mails in hand that are due, in their order from $4 and $5 on, and says what each is
-- made of; what only some kinds have is asked by mailing_more.sql.
-- $1 bigint: sender; $2 integer: how many; $3 timestamptz: now; $4 timestamptz, $5 bigint: due_at and
-- id of the last one taken before, so that what is done is not walked over again
WITH zone AS MATERIALIZED (
	SELECT office_zone() AS name
), next AS MATERIALIZED (
	SELECT mailing_id FROM dispatch
	WHERE sender_id IS NULL AND due_at <= $3::timestamptz
	AND (SELECT ended_at IS NULL FROM sender WHERE id = $1::bigint FOR SHARE) -- nobody buries us meanwhile
	AND (due_at, mailing_id) > ($4::timestamptz, $5::bigint)
	ORDER BY due_at, mailing_id LIMIT $2::integer FOR UPDATE SKIP LOCKED
), taken AS (
	UPDATE dispatch d SET sender_id = $1::bigint FROM next WHERE d.mailing_id = next.mailing_id
	RETURNING d.mailing_id, d.due_at, d.tried_at
)
SELECT m.id, t.due_at, m.kind, m.message_id, m.recipient, m.domain, m.tries, m.doubts, m.burials, m.state,
	l.number, l.secret_turn, l.round_id, l.enterprise_id, e.name, c.name,
	(l.created_at AT TIME ZONE (SELECT name FROM zone))::date::text, c.email, m.code, m.words,
	floor(extract(epoch FROM t.due_at))::bigint, floor(extract(epoch FROM t.tried_at))::bigint,
	-- an answer may have come since the last try; before the first one nobody asks
	CASE WHEN m.kind = 'first' AND m.tries > 0 THEN l.revoked
		OR EXISTS (SELECT FROM response s WHERE s.letter_id = m.letter_id) END
FROM taken t JOIN mailing m ON m.id = t.mailing_id LEFT JOIN letter l ON l.id = m.letter_id
LEFT JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN contact c ON c.enterprise_id = l.enterprise_id AND c.is_letter
ORDER BY t.due_at, m.id
