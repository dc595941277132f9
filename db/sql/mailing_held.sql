-- How many mails another sender holds, and until when at most.
-- $1 timestamptz: now
SELECT count(*), to_char(max(lease_until) AT TIME ZONE
	coalesce((SELECT value FROM setting WHERE name = 'timezone'), 'Asia/Shanghai'), 'HH24:MI')
FROM mailing WHERE state IN ('due', 'doubtful', 'deferred') AND lease_until >= $1::timestamptz
