-- The versions of the learnt layer, the newest first.
SELECT l.id, CASE WHEN l.in_use THEN 'in use' ELSE '' END,
	to_char(l.at AT TIME ZONE coalesce((SELECT value FROM setting WHERE name = 'timezone'),
		'Asia/Shanghai'), 'YYYY-MM-DD HH24:MI'),
	coalesce(a.name, ''), length(l.bytes), l.figures::text
FROM learnt l LEFT JOIN account a ON a.id = l.account_id
ORDER BY l.at DESC, l.id DESC
