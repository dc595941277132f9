-- Adds an enterprise or changes what differs. Returns new, changed or same, and the changed fields.
-- $1 jsonb: {"name", "short_name", "credit_code", "stratum", "address", "postcode", "contacts":
-- [{"name", "email", "phone"}]}; $2 bigint: who; $3 timestamptz: now
SELECT p->>'what', p->>'fields' FROM enterprise_put($1::jsonb, $2::bigint, $3::timestamptz) AS p
