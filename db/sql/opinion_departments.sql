-- The departments an opinion concerns that do not have it yet.
-- $1 bigint: opinion
SELECT x.department_no FROM opinion_department x
WHERE x.opinion_id = $1::bigint AND NOT EXISTS (SELECT FROM rectification r
	WHERE r.opinion_id = x.opinion_id AND r.department_no = x.department_no AND r.state <> 'draft')
ORDER BY x.lead DESC, x.department_no
