-- A department signs for it.
-- $1 bigint: rectification; $2 bigint: who; $3 timestamptz: now
SELECT rectification_sign($1::bigint, $2::bigint, $3::timestamptz)
