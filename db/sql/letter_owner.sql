-- Whose a letter is: id, the enterprise's name, the round's code.
-- $1 text: number
SELECT letter.id, enterprise.name, round.code FROM letter
JOIN enterprise ON enterprise.id = letter.enterprise_id JOIN round ON round.id = letter.round_id
WHERE letter.number = $1::text
