-- The letters of open or closed rounds to enterprises that have this contact address.
-- $1 text: address in lower case
SELECT DISTINCT letter.id, letter.enterprise_id FROM contact
JOIN letter ON letter.enterprise_id = contact.enterprise_id
JOIN round ON round.id = letter.round_id
WHERE lower(contact.email) = $1::text AND round.state IN ('released', 'closed')
