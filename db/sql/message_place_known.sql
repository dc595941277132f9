-- Whether a place is known, and whether all of its message is here.
-- $1 text: account; $2 text: mailbox; $3 bigint: uidvalidity; $4 text: uid; $5 bigint: of what is larger
-- only the head is here
SELECT m.size <= $5::bigint FROM message_place p JOIN message m ON m.id = p.message_id
WHERE p.account = $1::text AND p.mailbox = $2::text AND p.uidvalidity = $3::bigint AND p.uid = $4::text
