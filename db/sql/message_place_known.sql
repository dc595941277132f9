-- Whether a place is known.
-- $1 text: account; $2 text: mailbox; $3 bigint: uidvalidity; $4 text: uid
SELECT message_id FROM message_place
WHERE account = $1::text AND mailbox = $2::text AND uidvalidity = $3::bigint AND uid = $4::text
