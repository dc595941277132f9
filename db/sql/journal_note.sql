-- How mails in hand ended, in one commit; arrays of one length. No row: the sender has been buried. A
-- row that is there, or was and is entered, is not written again.
-- $1 bigint: sender; $2 bigint: the how manieth such row of this sender, the same when it is sent again;
-- $3 timestamptz: now; $4 bigint[]: mailings; $5 text[]: sent, deferred, doubtful, failed, cancelled,
-- bounced, or NULL for one put back untried; $6 integer[]: the server's codes; $7 text[]: its words;
-- $8 timestamptz[]: when due again
WITH alive AS (
	SELECT id, entered FROM sender WHERE id = $1::bigint AND ended_at IS NULL
), written AS (
	INSERT INTO journal (sender_id, number, at, mailings, outcomes, codes, words, next)
	SELECT a.id, $2::bigint, $3::timestamptz, $4::bigint[], $5::text[], $6::integer[], $7::text[],
		$8::timestamptz[]
	FROM alive a WHERE a.entered < $2::bigint
	ON CONFLICT ON CONSTRAINT journal_key DO UPDATE SET at = EXCLUDED.at
)
SELECT id FROM alive
