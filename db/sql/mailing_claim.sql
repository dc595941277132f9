-- Leases the next mail that is due. Returns its id, or NULL.
-- $1 text: worker; $2 integer: seconds; $3 timestamptz: now
SELECT mailing_claim($1::text, $2::integer, $3::timestamptz)
