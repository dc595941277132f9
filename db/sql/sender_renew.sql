-- Renews a sender's lease; FALSE when others took it for dead.
-- $1 bigint: sender; $2 integer: seconds; $3 timestamptz: now
SELECT sender_renew($1::bigint, $2::integer, $3::timestamptz)
