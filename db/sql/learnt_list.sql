-- The versions of what was learnt, the newest first: how many corrections taught it, and how many of a
-- hundred the lexicon alone, it alone and both got right when cross-validated.
SELECT l.id, CASE WHEN l.in_use THEN 'in use' ELSE '' END,
	to_char(l.at AT TIME ZONE office_zone(), 'YYYY-MM-DD HH24:MI'),
	coalesce(a.name, ''), l.figures->>'corrections',
	round(100 * (l.figures->>'lexicon_accuracy')::numeric, 1),
	round(100 * (l.figures->>'accuracy')::numeric, 1),
	round(100 * (l.figures->>'fused_accuracy')::numeric, 1)
FROM learnt l LEFT JOIN account a ON a.id = l.account_id
ORDER BY l.at DESC, l.id DESC
