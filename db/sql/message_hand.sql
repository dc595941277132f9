-- Stores what a person brings in by hand for a letter. Returns the message, and whether it is an answer
-- to that letter already.
-- $1 bytea: the message; $2 text: channel; $3 text: where it was found; $4 text: its name there;
-- $5 bigint: letter; $6 bigint: who; $7 timestamptz: now
SELECT (m->>'id')::bigint, (m->>'done')::boolean
FROM message_hand($1::bytea, $2::text, $3::text, $4::text, $5::bigint, $6::bigint,
	$7::timestamptz) AS m
