-- What would go out now: round (NULL: of none), its title, kind, how many, and the first three
-- recipients.
-- $1 timestamptz: now
WITH due AS MATERIALIZED (
	SELECT l.round_id, m.kind, count(*) AS n FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id
	WHERE m.state IN ('due', 'doubtful', 'deferred') AND m.due_at <= $1::timestamptz
	AND m.sender_id IS NULL GROUP BY l.round_id, m.kind
)
SELECT r.code, r.title, d.kind, d.n, (SELECT string_agg(recipient, ', ') FROM (
	SELECT m.recipient FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id
	WHERE m.state IN ('due', 'doubtful', 'deferred') AND m.due_at <= $1::timestamptz
	AND m.sender_id IS NULL AND m.kind = d.kind AND l.round_id IS NOT DISTINCT FROM d.round_id
	ORDER BY m.due_at, m.id LIMIT 3) first)
FROM due d LEFT JOIN round r ON r.id = d.round_id ORDER BY r.code, d.kind
