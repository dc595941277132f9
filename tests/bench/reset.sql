-- The ledger as the release left it, for the next run: the first :letters mails are due, the others
-- not in our time. For psql, as the cluster's admin; outside all timing.
TRUNCATE attempt, dispatch, journal;
UPDATE mailing SET state = 'due', tries = 0, code = NULL, words = NULL, sent_at = NULL
WHERE state <> 'due' OR tries > 0;
INSERT INTO dispatch (mailing_id, due_at) SELECT id, created_at FROM mailing ORDER BY id LIMIT :letters;
VACUUM (ANALYZE) mailing, dispatch, letter, attempt, event;
CHECKPOINT;
