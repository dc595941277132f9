-- The ledger of a round for a department: what its own role may read, so its own items, masked.
-- $1 bigint: round; $2 timestamptz: now
SELECT x.id::text, x.masked, CASE WHEN x.lead THEN 'lead' ELSE 'part' END, x.state,
	to_char(x.handed_at AT TIME ZONE z.name, 'YYYY-MM-DD'),
	coalesce(to_char(x.signed_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''), x.due::text,
	coalesce(to_char(x.answered_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''), coalesce(x.answer, ''),
	coalesce(x.returned_why, ''),
	coalesce(to_char(x.closed_at AT TIME ZONE z.name, 'YYYY-MM-DD'), ''),
	CASE WHEN x.state IN ('handed', 'signed', 'returned') AND x.due < office_day($2::timestamptz)
		THEN (- workdays_between(office_day($2::timestamptz), x.due))::text ELSE '' END
FROM rectification x,
(SELECT office_zone() AS name OFFSET 0) z
WHERE x.round_id = $1::bigint AND x.state <> 'draft' ORDER BY x.due, x.id
