-- One piece of a message's bytes, and the size of all.
-- $1 bigint: message; $2 integer: which piece
SELECT p.bytes, m.size FROM message m JOIN message_piece p ON p.message_id = m.id
WHERE m.id = $1::bigint AND p.seq = $2::integer
