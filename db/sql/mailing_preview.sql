-- What would go out now: round (NULL: of none), its title, kind, how many, the first three recipients,
-- and whether these go out no more, for the round's last day is over or it was closed.
-- $1 timestamptz: now
WITH due AS MATERIALIZED (
	SELECT l.round_id, m.kind, count(*) AS n FROM dispatch d JOIN mailing m ON m.id = d.mailing_id
	LEFT JOIN letter l ON l.id = m.letter_id
	WHERE d.due_at <= $1::timestamptz AND d.sender_id IS NULL GROUP BY l.round_id, m.kind
)
SELECT r.code, r.title, due.kind, due.n, (SELECT string_agg(recipient, ', ') FROM (
	SELECT m.recipient FROM dispatch d JOIN mailing m ON m.id = d.mailing_id
	LEFT JOIN letter l ON l.id = m.letter_id
	WHERE d.due_at <= $1::timestamptz AND d.sender_id IS NULL AND m.kind = due.kind
	AND l.round_id IS NOT DISTINCT FROM due.round_id
	ORDER BY d.due_at, d.mailing_id LIMIT 3) first),
	due.kind IN ('first', 'reminder') AND (r.closed_at IS NOT NULL OR r.closes < office_day($1::timestamptz))
FROM due LEFT JOIN round r ON r.id = due.round_id ORDER BY r.code, due.kind
