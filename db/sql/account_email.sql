-- Where notices to a supervisor go. FALSE when there is no active account of that login.
-- $1 text: login; $2 text: address, NULL for none; $3 bigint: who does it; $4 timestamptz: now
SELECT account_email($1::text, $2::text, $3::bigint, $4::timestamptz)
