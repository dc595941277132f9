-- The letter and the opinion behind a rectification.
-- $1 bigint: rectification
SELECT l.number, o.id FROM rectification r JOIN opinion o ON o.id = r.opinion_id
JOIN answer a ON a.id = o.answer_id JOIN response s ON s.id = a.response_id
JOIN letter l ON l.id = s.letter_id WHERE r.id = $1::bigint
