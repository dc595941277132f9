-- A message that is no answer, or that waits for a person.
-- $1 bigint: message; $2 text: state; $3 text: why; $4 bigint: letter; $5 bigint: who;
-- $6 timestamptz: now
SELECT message_note($1::bigint, $2::text, $3::text, $4::bigint, NULL, $5::bigint, $6::timestamptz)
