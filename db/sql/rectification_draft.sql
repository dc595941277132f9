-- Keeps the masked copy for a department.
-- $1 bigint: opinion; $2 integer: department; $3 text: masked; $4 jsonb: what was replaced;
-- $5 bigint: who; $6 timestamptz: now
SELECT rectification_draft($1::bigint, $2::integer, $3::text, $4::jsonb, $5::bigint, $6::timestamptz)
