-- What a sender holds without knowing of it is due again: the answer to its claim was lost.
-- $1 bigint: sender
UPDATE mailing SET sender_id = NULL
WHERE state IN ('due', 'doubtful', 'deferred') AND sender_id = $1::bigint
