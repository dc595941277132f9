-- No more reminders. Returns whether the link opens anything.
-- $1 bytea: keyed hash of the secret; $2 timestamptz: now
SELECT link_silence($1::bytea, $2::timestamptz)
