-- A letter of the round that would carry too much: its enterprise (NULL: every letter), how many files,
-- their bytes as base64 with its line ends. No row: none does.
-- $1 bigint: round; $2 bigint: bytes of the fill-in form, 0 where none goes; $3 bigint: how many bytes
-- may go; $4 integer: how many files, without the form
WITH a AS (
	SELECT enterprise_id, count(*) AS files,
		sum(((octet_length(bytes) + 2) / 3 * 4 * 78::bigint + 75) / 76) AS size
	FROM attachment WHERE round_id = $1::bigint GROUP BY enterprise_id
), common AS (
	SELECT coalesce(sum(files), 0) AS files,
		coalesce(sum(size), 0) + (($2::bigint + 2) / 3 * 4 * 78 + 75) / 76 AS size
	FROM a WHERE enterprise_id IS NULL
), l AS (
	SELECT NULL::text AS name, files, size FROM common
	UNION ALL
	SELECT e.name, a.files + common.files, a.size + common.size
	FROM common, a JOIN enterprise e ON e.id = a.enterprise_id
)
SELECT name, files::bigint, size::bigint FROM l WHERE size > $3::bigint OR files > $4::integer
ORDER BY name NULLS FIRST LIMIT 1
