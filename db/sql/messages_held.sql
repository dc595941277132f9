-- Which of the messages that a worker reads are still its own, and stay so until the commit: a lease may
-- have run out, or a person may have brought one in by hand.
-- $1 bigint[]: messages; $2 text: worker
SELECT id FROM message WHERE id = ANY ($1::bigint[]) AND state = 'stored' AND worker = $2::text
ORDER BY id FOR UPDATE
