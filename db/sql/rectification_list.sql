-- Rectifications, the most urgent first, with the working days that are left.
-- $1 text: state, or NULL for all that are not closed; $2 timestamptz: now
SELECT r.id, d.code, d.name, r.state, coalesce(r.due::text, ''),
	workdays_between(office_day($2::timestamptz), r.due), r.masked
FROM rectification r JOIN department d ON d.no = r.department_no
WHERE CASE WHEN $1::text IS NULL THEN r.state <> 'closed' ELSE r.state = $1::text END
ORDER BY r.due NULLS FIRST, r.id
