-- What the reader made of a message.
-- $1 bigint: message
SELECT record::text FROM reading WHERE message_id = $1::bigint
