-- Leases stored messages, the oldest first. Returns id, letter (that it was brought in for), the bytes
-- unless there are many.
-- $1 integer: how many; $2 integer: seconds; $3 text: worker; $4 timestamptz: now; $5 bigint: how many
-- bytes are many
WITH claimed AS (
	UPDATE message SET worker = $3::text,
		lease_until = $4::timestamptz + $2::integer * interval '1 second'
	WHERE id IN (SELECT id FROM message
		WHERE state = 'stored' AND (lease_until IS NULL OR lease_until < $4::timestamptz)
		ORDER BY received_at, id LIMIT $1::integer FOR UPDATE SKIP LOCKED)
	RETURNING id, letter_id, received_at, size
)
SELECT c.id, c.letter_id, CASE WHEN c.size <= $5::bigint THEN
	(SELECT string_agg(p.bytes, NULL ORDER BY p.seq) FROM message_piece p WHERE p.message_id = c.id) END
FROM claimed c ORDER BY c.received_at, c.id
