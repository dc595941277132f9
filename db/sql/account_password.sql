-- Sets a password; sessions of that account end.
-- $1 text: login; $2 text: hash; $3 bigint: who does it; $4 timestamptz: now
SELECT account_password($1::text, $2::text, $3::bigint, $4::timestamptz)
