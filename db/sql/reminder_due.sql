-- Which of a round's next 5000 letters want a reminder: letter, number, enterprise, its name, its
-- present address (NULL: on paper), the how manieth it is. It wants one when its first mail arrived
-- and was not answered, the enterprise has not asked for silence and has not had as many as the round
-- allows, none is on its way, none to this address came back, and since the last mail as many working
-- days have passed as the round says. A message that waits for a person counts as an answer, to the one
-- letter that it points to or to those of its sender: junk with a hundred numbers holds up nobody. The
-- last row, without a letter, is the enterprise to go on from; NULL at the end.
-- $1 bigint: round; $2 bigint: enterprise of the letter before the first, 0 to begin; $3 timestamptz:
-- now; $4 boolean: whatever days have passed
WITH g AS MATERIALIZED (
	SELECT r.reminders, r.state = 'released' AND t.day <= r.closes AS open,
		CASE WHEN $4::boolean THEN 'infinity' ELSE (SELECT c.day::timestamp AT TIME ZONE office_zone()
			FROM calendar c WHERE c.works AND c.number = t.number - r.remind_days + 1)
		END AS sent_before
	FROM round r JOIN calendar t ON t.day = office_day($3::timestamptz) WHERE r.id = $1::bigint
), piece AS MATERIALIZED (
	SELECT id, number, enterprise_id, created_at, revoked FROM letter
	WHERE round_id = $1::bigint AND enterprise_id > $2::bigint ORDER BY enterprise_id LIMIT 5000
), came AS MATERIALIZED (
	SELECT unnest(CASE WHEN min(w.letter) = max(w.letter) THEN ARRAY[min(w.letter)]
		ELSE array_agg(w.letter) FILTER (WHERE w.clue = 'address') END) AS letter_id
	FROM (SELECT m.id, (c.value->>'letter')::bigint AS letter, c.value->>'clue' AS clue FROM message m
		JOIN reading n ON n.message_id = m.id, jsonb_array_elements(n.clues) c
		WHERE m.state IN ('broken', 'waiting')) w GROUP BY w.id
	UNION
	SELECT letter_id FROM message WHERE state = 'stored' AND letter_id IS NOT NULL
)
SELECT p.id, p.number, p.enterprise_id, e.name, CASE WHEN f.id IS NOT NULL THEN c.email END,
	coalesce(m.turn, 0) + 1
FROM g, piece p JOIN enterprise e ON e.id = p.enterprise_id AND e.active AND NOT e.silent
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
LEFT JOIN mailing f ON f.letter_id = p.id AND f.kind = 'first'
LEFT JOIN LATERAL (SELECT max(turn) AS turn, max(sent_at) AS sent_at,
		bool_or(state IN ('due', 'doubtful', 'deferred')) AS waits,
		bool_or(state IN ('failed', 'bounced') AND recipient = c.email) AS refused
	FROM mailing WHERE letter_id = p.id AND kind = 'reminder') m ON true
WHERE g.open AND NOT p.revoked AND (f.id IS NULL OR f.state = 'sent')
AND coalesce(m.turn, 0) < g.reminders AND m.waits IS NOT TRUE AND m.refused IS NOT TRUE
AND greatest(coalesce(f.sent_at, p.created_at), m.sent_at) < g.sent_before
AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = p.id)
AND NOT EXISTS (SELECT FROM came WHERE came.letter_id = p.id)
UNION ALL
SELECT NULL, NULL, max(enterprise_id), NULL, NULL, NULL FROM piece
