-- The ledger as the release left it, for the next run: the first :letters mails are due, the others
-- not in our time. For psql, as the cluster's admin; outside all timing.
TRUNCATE attempt;
UPDATE mailing SET state = 'due', tries = 0, words = NULL, sent_at = NULL,
	due_at = CASE WHEN id < first_later THEN created_at ELSE '9000-01-01' END
FROM (SELECT coalesce((SELECT id FROM mailing ORDER BY id OFFSET :letters LIMIT 1),
		9223372036854775807) AS first_later) AS part
WHERE state <> 'due' OR tries > 0 OR (due_at = created_at) <> (id < first_later);
VACUUM (ANALYZE) mailing, letter, attempt, event;
CHECKPOINT;
