-- Messages become answers to letters; an array of those that came already, and are noted.
-- $1 bigint[]: messages; $2 bigint[]: letters; $3 text[]: own words; $4 text[]: ratings; $5 text[]:
-- disclosure; $6 timestamptz[]: when they were written; $7 timestamptz: now
SELECT messages_file($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], NULL,
	$7::timestamptz)
