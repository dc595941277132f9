-- Senders that have not ended: number and name, as far as their lease tells.
SELECT id, name FROM sender WHERE ended_at IS NULL ORDER BY id
