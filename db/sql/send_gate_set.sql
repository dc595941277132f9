-- Opens or closes the gate. FALSE when it was so already.
-- $1 boolean: open; $2 text: why; $3 bigint: who, NULL when it closes by itself; $4 timestamptz: now
SELECT send_gate_set($1::boolean, $2::text, $3::bigint, $4::timestamptz)
