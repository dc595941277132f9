-- The versions of the lexicon, and the program's own where it is none of them (then it has sorted none, for
-- it is kept before it does); the newest first.
-- $1 text: the program's own version; $2 text: its text
WITH own AS (SELECT sha256(convert_to($2::text, 'UTF8')) AS hash),
kept AS (SELECT l.version, l.hash, l.in_use, l.built_in, l.at, a.name
	FROM lexicon l LEFT JOIN account a ON a.id = l.account_id),
seen AS (SELECT split_part(lexicon, '/', 1) AS version, count(*) AS n FROM opinion GROUP BY 1)
SELECT k.version,
	CASE WHEN k.in_use OR (k.hash = (SELECT hash FROM own) AND NOT EXISTS (SELECT FROM kept WHERE in_use)
			AND k.version = (SELECT min(version) FROM kept WHERE hash = k.hash))
		THEN 'in use' ELSE '' END,
	to_char(k.at AT TIME ZONE office_zone(), 'YYYY-MM-DD HH24:MI'),
	CASE WHEN k.built_in THEN 'the program' ELSE k.name END, coalesce(s.n, 0)
FROM kept k LEFT JOIN seen s ON s.version = k.version
UNION ALL
SELECT $1::text, CASE WHEN EXISTS (SELECT FROM kept WHERE in_use) THEN '' ELSE 'in use' END, '',
	'the program', 0
FROM own WHERE NOT EXISTS (SELECT FROM kept WHERE hash = own.hash)
ORDER BY 3 DESC, 1
