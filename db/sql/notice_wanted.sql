-- Who has an address for digests or notices, and the office's day; nobody where this day (or this
-- week, from Monday on) has had its own.
-- $1 text: digest or notice; $2 boolean: once a week; $3 timestamptz: now
SELECT w.id, g.today::text
FROM (SELECT office_day($3::timestamptz) AS today) g,
	(SELECT 'digest' AS kind, d.no::bigint AS id FROM department d
		JOIN department_address a ON a.department_no = d.no WHERE d.active
	UNION ALL
	SELECT 'notice', id FROM account WHERE kind = 'supervisor' AND active AND email IS NOT NULL) w
WHERE w.kind = $1::text AND NOT EXISTS (SELECT FROM event e
	WHERE e.noun = 'calendar' AND e.verb = w.kind AND e.noun_id <= to_char(g.today, 'YYYYMMDD')::bigint
	AND e.noun_id >= to_char(CASE WHEN $2::boolean THEN date_trunc('week', g.today::timestamp)
		ELSE g.today END, 'YYYYMMDD')::bigint)
ORDER BY w.id
