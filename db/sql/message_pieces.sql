-- The bytes of a message, in order.
-- $1 bigint: message
SELECT bytes FROM message_piece WHERE message_id = $1::bigint ORDER BY seq
