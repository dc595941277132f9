-- The files that go with a round's letters: name, type, size, enterprise (NULL: all).
-- $1 bigint: round
SELECT a.name, a.type, octet_length(a.bytes), e.name FROM attachment a
LEFT JOIN enterprise e ON e.id = a.enterprise_id
WHERE a.round_id = $1::bigint ORDER BY e.name NULLS FIRST, a.name
