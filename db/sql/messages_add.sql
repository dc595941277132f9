-- Stores many small messages of one mailbox, unless their bytes are known, and their places. Returns how
-- many were new.
-- $1 text: channel; $2 text: account; $3 text: mailbox; $4 bigint: uidvalidity; $5 text[]: uids;
-- $6 integer[]: sizes; $7 bytea: the bytes of all, one behind the other; $8 timestamptz: now
SELECT messages_add($1::text, $2::text, $3::text, $4::bigint, $5::text[], $6::integer[], $7::bytea,
	$8::timestamptz)
