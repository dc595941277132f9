-- How many mails other senders hold, and until when at most (HH:MM).
-- $1 timestamptz: now
SELECT count(*), to_char(max(s.lease_until) AT TIME ZONE office_zone(), 'HH24:MI')
FROM dispatch d JOIN sender s ON s.id = d.sender_id
WHERE s.ended_at IS NULL AND s.lease_until >= $1::timestamptz
