-- Waits until nobody enters what a sender has noted, before a row is sent again.
-- $1 bigint: sender
SELECT id FROM sender WHERE id = $1::bigint FOR SHARE
