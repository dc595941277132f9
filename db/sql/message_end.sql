-- Ends a message that message_begin.sql began. Returns id, new.
-- $1 bigint: its number so far; $2 bytea: sha256; $3 bigint: size; $4 text: channel; $5 text: account;
-- $6 text: mailbox; $7 bigint: uidvalidity; $8 text: uid; $9 timestamptz: now
SELECT (m->>'id')::bigint, (m->>'new')::boolean
FROM message_end($1::bigint, $2::bytea, $3::bigint, $4::text, $5::text, $6::text, $7::bigint, $8::text,
	$9::timestamptz) AS m
