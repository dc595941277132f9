-- A process begins to send. Returns its number.
-- $1 text: name; $2 text: relay; $3 integer: seconds of its lease; $4 timestamptz: now
SELECT sender_start($1::text, $2::text, $3::integer, $4::timestamptz)
