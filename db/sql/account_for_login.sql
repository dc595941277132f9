-- Who logs in and what the password must hash to, as JSON, or NULL.
-- $1 text: login; $2 timestamptz: now
SELECT account_for_login($1::text, $2::timestamptz)::text
