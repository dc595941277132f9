-- The outcome of a leased mail.
-- $1 bigint: mailing; $2 text: worker; $3 text: sent, deferred, doubtful or failed; $4 integer: the
-- server's code; $5 text: its words; $6 timestamptz: next try; $7 timestamptz: now
SELECT mailing_record($1::bigint, $2::text, $3::text, $4::integer, $5::text, $6::timestamptz,
	$7::timestamptz)
