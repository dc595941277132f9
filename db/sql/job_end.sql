-- A stage has ended.
-- $1 text: stage; $2 text: worker; $3 text: why it failed, or NULL; $4 timestamptz: now
UPDATE job SET worker = NULL, lease_until = NULL, ended_at = $4::timestamptz, problem = $3::text,
	failures = CASE WHEN $3::text IS NULL THEN 0 ELSE failures + 1 END
WHERE name = $1::text AND worker = $2::text
