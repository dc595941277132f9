-- The enterprise grades a reply. Returns whether it was its own.
-- $1 bytea: keyed hash of the secret; $2 bigint: reply; $3 integer: grade; $4 timestamptz: now
SELECT link_grade($1::bytea, $2::bigint, $3::integer, $4::timestamptz)
