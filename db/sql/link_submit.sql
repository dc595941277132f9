-- Takes what was filled in. Returns the message, or NULL.
-- $1 bytea: keyed hash of the secret; $2 bytea: the message; $3 timestamptz: now
SELECT link_submit($1::bytea, $2::bytea, $3::timestamptz)
