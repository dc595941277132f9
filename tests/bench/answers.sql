-- :answers answers that nobody has sorted, of as many letters, in the round's order: the lines of :texts in
-- turn, and a message of each without its bytes. For psql, as the cluster's admin; outside all timing.
TRUNCATE tally, opinion, opinion_department, answer, rating, response, message CASCADE;
CREATE TEMPORARY TABLE said ON COMMIT PRESERVE ROWS AS
SELECT own, row_number() OVER () - 1 AS n
FROM regexp_split_to_table(:'texts', E'\n') AS own WHERE own <> '';
CREATE TEMPORARY TABLE asked ON COMMIT PRESERVE ROWS AS
SELECT id, round_id, row_number() OVER (ORDER BY id) AS n FROM letter ORDER BY id LIMIT :answers;
INSERT INTO message (id, sha256, size, channel, received_at, state, letter_id)
SELECT n, sha256(n::text::bytea), 100, 'maildir', '2026-03-05', 'filed', id FROM asked;
INSERT INTO response (id, letter_id, round_id, first_at, last_at, late)
SELECT n, id, round_id, '2026-03-05', '2026-03-05', false FROM asked;
INSERT INTO answer (response_id, message_id, at, own, late)
SELECT a.n, a.n, '2026-03-05', s.own, false
FROM asked a JOIN said s ON s.n = a.n % (SELECT count(*) FROM said);
VACUUM (ANALYZE) message, response, answer, opinion, opinion_department;
CHECKPOINT;
