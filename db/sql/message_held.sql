-- Whether a message that a worker reads is still its own, and stays so until the commit: its lease may
-- have run out, or a person may have brought it in by hand.
-- $1 bigint: message; $2 text: worker
SELECT id FROM message WHERE id = $1::bigint AND state = 'stored' AND worker = $2::text FOR UPDATE
