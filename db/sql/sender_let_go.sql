-- What a sender holds without knowing of it is due again: the answer to its claim was lost.
-- $1 bigint: sender
UPDATE dispatch SET sender_id = NULL WHERE sender_id = $1::bigint
