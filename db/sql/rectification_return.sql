-- An answer is sent back to be done again.
-- $1 bigint: rectification; $2 text: why; $3 bigint: who; $4 timestamptz: now
SELECT rectification_return($1::bigint, $2::text, $3::bigint, $4::timestamptz)
