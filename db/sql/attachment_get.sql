-- The files that go with every letter of a round, or with one enterprise's alone.
-- $1 bigint: round; $2 bigint: enterprise, NULL for those of all
SELECT name, type, bytes FROM attachment
WHERE round_id = $1::bigint AND enterprise_id IS NOT DISTINCT FROM $2::bigint ORDER BY id
