-- Letters of the round that this transaction releases; arrays of one length. Returns the enterprises
-- whose number another letter has.
-- $1 bigint: round; $2 bigint[]: enterprises; $3 text[]: numbers; $4 bytea[]: hashes of the links'
-- secrets; $5 text[]: Message-IDs; $6 text[]: recipients (NULL: on paper); $7 timestamptz: now
SELECT unnest(letters_add($1::bigint, $2::bigint[], $3::text[], $4::bytea[], $5::text[], $6::text[],
	$7::timestamptz))
