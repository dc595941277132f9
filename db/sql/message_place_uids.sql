-- All that is known of one mailbox.
-- $1 text: account; $2 text: mailbox; $3 bigint: uidvalidity
SELECT uid FROM message_place
WHERE account = $1::text AND mailbox = $2::text AND uidvalidity = $3::bigint
