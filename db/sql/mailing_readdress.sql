-- A mail in hand, whose enterprise has another address now, goes there. FALSE: nothing was changed.
-- $1 bigint: mailing; $2 bigint: sender; $3 timestamptz: now
SELECT mailing_readdress($1::bigint, $2::bigint, $3::timestamptz)
