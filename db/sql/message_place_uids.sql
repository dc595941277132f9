-- All that is known of one mailbox: uid, and whether all of the message is here.
-- $1 text: account; $2 text: mailbox; $3 bigint: uidvalidity; $4 bigint: of what is larger only the head
-- is here
SELECT p.uid, m.size <= $4::bigint FROM message_place p JOIN message m ON m.id = p.message_id
WHERE p.account = $1::text AND p.mailbox = $2::text AND p.uidvalidity = $3::bigint
