-- Begins a message whose bytes follow as pieces; message_end.sql ends it in the same transaction.
-- Returns the number that the pieces get.
-- $1 text: channel; $2 timestamptz: now
SELECT message_begin($1::text, $2::timestamptz)
