-- A new round, as a draft. Returns its id.
-- $1 text: code; $2 text: title; $3 date: opens; $4 date: closes; $5 date: keep until;
-- $6 text: language; $7 text: letter template; $8 text: questionnaire; $9 boolean: the form goes with
-- the letters; $10 integer: reminders; $11 integer: days to a reminder; $12 integer: review days;
-- $13 integer: days to sign; $14 integer: days to answer; $15 bigint: who; $16 timestamptz: now
SELECT round_new($1::text, $2::text, $3::date, $4::date, $5::date, $6::text, $7::text, $8::text,
	$9::boolean, $10::integer, $11::integer, $12::integer, $13::integer, $14::integer, $15::bigint,
	$16::timestamptz)
