-- Keeps what the reader made of a message.
-- $1 bigint: message; $2 text: kind; $3 text: sender's address; $4 text: Message-ID;
-- $5 jsonb: the record; $6 jsonb: clues; $7 timestamptz: now
INSERT INTO reading (message_id, kind, from_address, header_id, record, clues, read_at)
VALUES ($1::bigint, $2::text, $3::text, $4::text, $5::jsonb, $6::jsonb, $7::timestamptz)
ON CONFLICT (message_id) DO UPDATE SET kind = EXCLUDED.kind, from_address = EXCLUDED.from_address,
	header_id = EXCLUDED.header_id, record = EXCLUDED.record, clues = EXCLUDED.clues,
	read_at = EXCLUDED.read_at
