-- What would go out now: round (NULL: of none), its title, kind, how many, and the first three
-- recipients.
-- $1 timestamptz: now
SELECT code, title, kind, count(*),
	string_agg(recipient, ', ' ORDER BY place) FILTER (WHERE place <= 3)
FROM (SELECT r.code, r.title, m.kind, m.recipient,
		row_number() OVER (PARTITION BY r.id, m.kind ORDER BY m.due_at, m.id) AS place
	FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id LEFT JOIN round r ON r.id = l.round_id
	WHERE m.state IN ('due', 'doubtful', 'deferred') AND m.due_at <= $1::timestamptz
	AND m.sender_id IS NULL) due
GROUP BY code, title, kind ORDER BY code, kind
