-- Stores a message's row and place, unless its bytes are known. Returns id, new.
-- $1 bytea: sha256; $2 bigint: size; $3 text: channel; $4 text: account; $5 text: mailbox;
-- $6 bigint: uidvalidity; $7 text: uid; $8 timestamptz: now
SELECT (m->>'id')::bigint, (m->>'new')::boolean
FROM message_add($1::bytea, $2::bigint, $3::text, $4::text, $5::text, $6::bigint, $7::text,
	$8::timestamptz) AS m
