-- A message becomes an answer to a letter. Returns the answer.
-- $1 bigint: message; $2 bigint: letter; $3 text: own words; $4 jsonb: ratings; $5 text: disclosure;
-- $6 timestamptz: when it was written; $7 bigint: who; $8 timestamptz: now
SELECT message_file($1::bigint, $2::bigint, $3::text, $4::jsonb, $5::text, $6::timestamptz, $7::bigint,
	$8::timestamptz)
