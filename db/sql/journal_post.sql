-- Enters in the ledger what a sender has noted.
-- $1 bigint: sender; $2 bigint: after which of its rows; $3 timestamptz: now
SELECT journal_post($1::bigint, $2::bigint, $3::timestamptz)
