-- A rectification is closed. Returns the reply when it was the opinion's last.
-- $1 bigint: rectification; $2 text: Message-ID of the reply; $3 bigint: who; $4 timestamptz: now
SELECT rectification_close($1::bigint, $2::text, $3::bigint, $4::timestamptz)
