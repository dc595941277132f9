-- An enterprise that a round asks, or will ask: id, name, contact, its letter's number and turn of
-- the link (NULL in a draft), the day on the letter.
-- $1 bigint: round; $2 text: name, short name or credit code, NULL for the first; $3 timestamptz: now
SELECT e.id, e.name, c.name, l.number, coalesce(l.secret_turn, 0),
	office_day(coalesce(l.created_at, $3::timestamptz))::text
FROM enterprise e JOIN round r ON r.id = $1::bigint
LEFT JOIN letter l ON l.round_id = r.id AND l.enterprise_id = e.id
LEFT JOIN contact c ON c.enterprise_id = e.id AND c.is_letter
WHERE (l.id IS NOT NULL OR (r.state = 'draft' AND e.active))
AND ($2::text IS NULL OR $2::text IN (e.name, e.short_name, e.credit_code))
ORDER BY e.id LIMIT 1
