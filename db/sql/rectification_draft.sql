-- Keeps the masked copy for a department.
-- $1 bigint: opinion; $2 integer: department; $3 boolean: lead; $4 text: masked; $5 jsonb: what was
-- replaced; $6 bigint: who; $7 timestamptz: now
SELECT rectification_draft($1::bigint, $2::integer, $3::boolean, $4::text, $5::jsonb, $6::bigint,
	$7::timestamptz)
