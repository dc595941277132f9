-- A file that goes with the letters of a draft. Returns its id.
-- $1 bigint: round; $2 bigint: enterprise, NULL for all; $3 text: name; $4 text: type; $5 bytea; $6
-- bigint: who; $7 timestamptz: now
SELECT attachment_put($1::bigint, $2::bigint, $3::text, $4::text, $5::bytea, $6::bigint,
	$7::timestamptz)
