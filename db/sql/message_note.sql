-- A message that is no answer, or that waits for a person.
-- $1 bigint: message; $2 text: state; $3 text: why; $4 bigint: letter; $5 boolean: its letter came
-- back; $6 bigint: who; $7 timestamptz: now
SELECT message_note($1::bigint, $2::text, $3::text, $4::bigint, $5::boolean, $6::bigint,
	$7::timestamptz)
