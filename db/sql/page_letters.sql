-- Page: letters of a round in a state, 500 at once.
-- $1 text: the round's code, "/", the state, "?", and where the page before ended; $2
-- timestamptz: now; $3 bigint: account
WITH g AS MATERIALIZED (SELECT split_part(split_part($1::text, '?', 1), '/', 1) AS code,
	split_part(split_part($1::text, '?', 1), '/', 2) AS state,
	split_part($1::text, '?', 2) AS after, $2::timestamptz AS now, $3::bigint AS account)
SELECT (send_list(r.id, false, g.state, g.after, 500, g.now) || jsonb_build_object('code', r.code,
	'title', r.title, 'first', g.after = ''))::text
FROM g JOIN round r ON r.code = g.code
WHERE g.state IN ('queued', 'later', 'in_flight', 'sent', 'doubtful', 'deferred', 'failed', 'bounced',
	'cancelled', 'answered', 'paper', 'anew')
