-- Whose session it is, as JSON, or NULL.
-- $1 bytea: hash of the cookie; $2 timestamptz: now
SELECT session_find($1::bytea, $2::timestamptz)::text
