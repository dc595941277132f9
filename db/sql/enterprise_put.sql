-- Adds an enterprise or changes what differs. Returns new, changed or same, the changed fields, how many
-- letters that wait go to another address now, and how many that were lost are due again.
-- $1 jsonb: {"name", "short_name", "credit_code", "stratum", "address", "postcode", "contacts":
-- [{"name", "email", "phone"}]}; $2 bigint: who; $3 timestamptz: now
SELECT p->>'what', p->>'fields', p->>'moved', p->>'again' FROM enterprise_put($1::jsonb, $2::bigint, $3::timestamptz) AS p
