-- The name of an attachment, also of one within another; no row when the message has none with this hash.
-- $1 bigint: message; $2 text: sha256 of its bytes, hex
SELECT coalesce(f->>'name', '') FROM reading d, jsonb_array_elements(reading_files(d.record)) f
WHERE d.message_id = $1::bigint AND f->>'sha256' = $2::text LIMIT 1
