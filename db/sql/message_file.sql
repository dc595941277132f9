-- A message becomes an answer to a letter, unless it is one already.
-- $1 bigint: message; $2 bigint: letter; $3 text: own words; $4 text: ratings; $5 text: disclosure;
-- $6 timestamptz: when it was written; $7 bigint: who; $8 timestamptz: now
SELECT messages_file(ARRAY[$1::bigint], ARRAY[$2::bigint], ARRAY[$3::text], ARRAY[$4::text], ARRAY[$5::text],
	ARRAY[$6::timestamptz], $7::bigint, $8::timestamptz)
