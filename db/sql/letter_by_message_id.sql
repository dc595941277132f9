-- The letter whose mail has this Message-ID.
-- $1 text: Message-ID with <>
SELECT letter.id, letter.enterprise_id FROM mailing JOIN letter ON letter.id = mailing.letter_id
WHERE mailing.message_id = $1::text
