-- How mails in hand ended, in one commit; arrays of one length. Returns how many were still held.
-- $1 bigint: sender; $2 bigint[]: mailings; $3 text[]: sent, deferred, doubtful, failed, cancelled, or
-- NULL for one put back untried; $4 integer[]: the server's codes; $5 text[]: its words; $6
-- timestamptz[]: when due again; $7 timestamptz: now
SELECT mailing_record($1::bigint, $2::bigint[], $3::text[], $4::integer[], $5::text[],
	$6::timestamptz[], $7::timestamptz)
