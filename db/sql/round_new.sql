-- A new round, as a draft. Returns its id.
-- $1 text: code; $2 text: title; $3 date: opens; $4 date: closes; $5 date: keep until;
-- $6 text: language; $7 text: letter template; $8 text: questionnaire; $9 integer: review days;
-- $10 integer: days to sign; $11 integer: days to answer; $12 bigint: who; $13 timestamptz: now
SELECT round_new($1::text, $2::text, $3::date, $4::date, $5::date, $6::text, $7::text, $8::text,
	$9::integer, $10::integer, $11::integer, $12::bigint, $13::timestamptz)
