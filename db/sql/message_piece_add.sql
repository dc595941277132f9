-- One piece of a message's bytes.
-- $1 bigint: message; $2 integer: its place; $3 bytea: the bytes
INSERT INTO message_piece (message_id, seq, bytes) VALUES ($1::bigint, $2::integer, $3::bytea)
