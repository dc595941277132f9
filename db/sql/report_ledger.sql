-- The ledger (台账) of a round for staff: one row an opinion and department.
-- $1 bigint: round; $2 timestamptz: now
SELECT o.id::text, l.number, e.name, e.stratum, to_char(a.at AT TIME ZONE z.name, 'YYYY-MM-DD'),
	o.kind, o.text, o.state, coalesce(d.name, ''), CASE WHEN x.lead THEN 'lead' WHEN x.id IS NOT NULL
		THEN 'part' ELSE '' END,
	coalesce(x.state, ''), coalesce(to_char(x.handed_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''),
	coalesce(to_char(x.signed_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''), coalesce(x.due::text, ''),
	coalesce(to_char(x.answered_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''), coalesce(x.answer, ''),
	coalesce(to_char(x.closed_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''),
	CASE WHEN x.state IN ('handed', 'signed', 'returned') AND x.due < office_day($2::timestamptz)
		THEN (- workdays_between(office_day($2::timestamptz), x.due))::text ELSE '' END,
	coalesce(to_char(y.created_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''), coalesce(y.grade::text, '')
FROM opinion o JOIN answer a ON a.id = o.answer_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id JOIN enterprise e ON e.id = l.enterprise_id
LEFT JOIN rectification x ON x.opinion_id = o.id AND x.state <> 'draft'
LEFT JOIN department d ON d.no = x.department_no LEFT JOIN reply y ON y.opinion_id = o.id,
(SELECT office_zone() AS name OFFSET 0) z
WHERE o.round_id = $1::bigint ORDER BY a.at, o.id, x.lead DESC, d.no
