-- Enters in the ledger what a sender has noted.
-- $1 bigint: sender; $2 bigint: behind which of its rows; $3 bigint: up to which; $4 timestamptz: now
SELECT journal_post($1::bigint, $2::bigint, $3::bigint, $4::timestamptz)
