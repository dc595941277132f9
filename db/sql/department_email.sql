-- Where the digest of a department goes. FALSE when no active one has this code.
-- $1 text: code; $2 text: address, NULL for none; $3 bigint: who does it; $4 timestamptz: now
SELECT department_email($1::text, $2::text, $3::bigint, $4::timestamptz)
