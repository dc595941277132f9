-- Leases stored messages, the oldest first. Returns id, channel, letter (of the web form), tries.
-- $1 integer: how many; $2 integer: seconds; $3 text: worker; $4 timestamptz: now
WITH claimed AS (
	UPDATE message SET worker = $3::text,
		lease_until = $4::timestamptz + $2::integer * interval '1 second'
	WHERE id IN (SELECT id FROM message
		WHERE state = 'stored' AND (lease_until IS NULL OR lease_until < $4::timestamptz)
		ORDER BY received_at, id LIMIT $1::integer FOR UPDATE SKIP LOCKED)
	RETURNING id, channel, letter_id, tries, received_at
)
SELECT id, channel, letter_id, tries FROM claimed ORDER BY received_at, id
