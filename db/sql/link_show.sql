-- What a private link shows, as JSON, or NULL.
-- $1 bytea: keyed hash of the secret; $2 timestamptz: now
SELECT link_show($1::bytea, $2::timestamptz)::text
