-- Takes a stage for this worker unless another has it. Returns a row when it is ours.
-- $1 text: stage; $2 text: worker; $3 integer: seconds; $4 timestamptz: now
INSERT INTO job (name, worker, lease_until, started_at)
VALUES ($1::text, $2::text, $4::timestamptz + $3::integer * interval '1 second', $4::timestamptz)
ON CONFLICT (name) DO UPDATE SET worker = EXCLUDED.worker, lease_until = EXCLUDED.lease_until,
	started_at = EXCLUDED.started_at
WHERE job.lease_until IS NULL OR job.lease_until < $4::timestamptz OR job.worker = $2::text
RETURNING name
