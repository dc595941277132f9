-- Keeps that a password was wrong.
-- $1 text: login; $2 timestamptz: now
SELECT login_failed($1::text, $2::timestamptz)
