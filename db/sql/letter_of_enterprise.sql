-- An enterprise's letter: of the round with a code, or of the open one that was released last.
-- Returns id, number, the round's code, the day of its release, and the second (Unix) before which it
-- was released.
-- $1 bigint: enterprise; $2 text: the round's code, or NULL
SELECT letter.id, letter.number, round.code, office_day(round.released_at)::text,
	ceil(extract(epoch FROM round.released_at))::bigint
FROM letter JOIN round ON round.id = letter.round_id
WHERE letter.enterprise_id = $1::bigint
	AND CASE WHEN $2::text IS NULL THEN round.state = 'released'
		ELSE round.code = $2::text AND round.state IN ('released', 'closed') END
ORDER BY round.released_at DESC LIMIT 1
