-- Writes all earlier commits to disk, whoever made them: a commit that waits, with nothing in it but a word
-- in the write-ahead log.
SELECT pg_logical_emit_message(true, 'pingyi', '')
