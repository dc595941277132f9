-- What became of a message: state, the number of its letter and the enterprise's name ("" without one), the
-- answer that it is the same mail as.
-- $1 bigint: message
SELECT m.state, coalesce(l.number, ''), coalesce(e.name, ''), m.same_as FROM message m
LEFT JOIN letter l ON l.id = m.letter_id LEFT JOIN enterprise e ON e.id = l.enterprise_id
WHERE m.id = $1::bigint
