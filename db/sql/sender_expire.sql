-- Buries senders whose lease has run out, and those that are known to have ended; what they held is
-- due again, as doubtful. Returns how many mails that were.
-- $1 bigint[]: known to have ended; $2 text: words for the ledger; $3 timestamptz: now
SELECT sender_expire($1::bigint[], $2::text, $3::timestamptz)
