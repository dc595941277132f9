-- An answer is approved.
-- $1 bigint: rectification; $2 bigint: who; $3 timestamptz: now
SELECT rectification_approve($1::bigint, $2::bigint, $3::timestamptz)
