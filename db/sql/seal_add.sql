-- Seals the events that no seal covers. Returns the seal's number, or NULL.
-- $1 timestamptz: now
SELECT seal_add($1::timestamptz)
