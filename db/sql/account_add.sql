-- Makes an account. Returns its id.
-- $1 text: login; $2 text: name; $3 text: kind; $4 integer: department, NULL for others;
-- $5 text: hash of the password; $6 bigint: who does it, NULL at init; $7 timestamptz: now
SELECT account_add($1::text, $2::text, $3::text, $4::integer, $5::text, $6::bigint, $7::timestamptz)
