-- Messages become answers to letters. By letter, so that two who file at once wait in one order.
-- $1 bigint[]: messages; $2 bigint[]: letters; $3 text[]: own words; $4 text[]: ratings; $5 text[]:
-- disclosure; $6 timestamptz[]: when they were written; $7 timestamptz: now
SELECT message_file(f.message, f.letter, f.own, f.ratings::jsonb, f.disclosure, f.written, NULL,
	$7::timestamptz)
FROM (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[],
	$6::timestamptz[]) AS x(message, letter, own, ratings, disclosure, written)
	ORDER BY letter, message) f
