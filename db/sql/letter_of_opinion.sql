-- The letter that an opinion answers.
-- $1 bigint: opinion
SELECT l.number FROM opinion o JOIN answer a ON a.id = o.answer_id
JOIN response s ON s.id = a.response_id JOIN letter l ON l.id = s.letter_id
WHERE o.id = $1::bigint
