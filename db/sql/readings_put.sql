-- Keeps what the reader made of messages.
-- $1 bigint[]: messages; $2 text[]: kinds; $3 text[]: senders' addresses; $4 text[]: Message-IDs;
-- $5 text[]: the records; $6 text[]: clues; $7 timestamptz: now
INSERT INTO reading (message_id, kind, from_address, header_id, record, clues, read_at)
SELECT r.message_id, r.kind, r.from_address, r.header_id, r.record::jsonb, r.clues::jsonb, $7::timestamptz
FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
	AS r(message_id, kind, from_address, header_id, record, clues)
ON CONFLICT (message_id) DO UPDATE SET kind = EXCLUDED.kind, from_address = EXCLUDED.from_address,
	header_id = EXCLUDED.header_id, record = EXCLUDED.record, clues = EXCLUDED.clues,
	read_at = EXCLUDED.read_at
