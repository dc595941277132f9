-- The office as it was before anything came back, for the next run. For psql, as the cluster's admin;
-- outside all timing.
TRUNCATE tally, response, message CASCADE;
UPDATE mailing SET state = 'sent' WHERE state = 'bounced';
VACUUM (ANALYZE) message, message_piece, message_place, reading, response, answer, rating, opinion, mailing;
CHECKPOINT;
