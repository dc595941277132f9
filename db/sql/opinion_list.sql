-- Opinions, the most urgent first.
-- $1 text: state, or NULL for all that have not ended
SELECT o.id, o.state, o.kind, coalesce(o.review_due::text, ''),
	coalesce((SELECT string_agg(d.code || CASE WHEN x.lead THEN '' ELSE '+' END, ' '
			ORDER BY x.lead DESC, x.score DESC, d.no)
		FROM opinion_department x JOIN department d ON d.no = x.department_no
		WHERE x.opinion_id = o.id), ''),
	o.text, coalesce(o.why, '')
FROM opinion o
WHERE CASE WHEN $1::text IS NULL THEN o.state IN ('review', 'sorted', 'handed')
	ELSE o.state = $1::text END
ORDER BY o.review_due NULLS LAST, o.id
