-- A login that lasts.
-- $1 bytea: hash of the cookie; $2 bigint: account; $3 text: token of its forms; $4 timestamptz: now;
-- $5 timestamptz: until when
SELECT session_start($1::bytea, $2::bigint, $3::text, $4::timestamptz, $5::timestamptz)
