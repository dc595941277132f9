-- Ends a session.
-- $1 bytea: hash of the cookie
SELECT session_end($1::bytea)
