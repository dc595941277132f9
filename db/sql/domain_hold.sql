-- A domain wants nothing for a while.
-- $1 text: domain; $2 integer: refusals in a row; $3 timestamptz: until (NULL: no longer); $4
-- timestamptz: now
SELECT domain_hold($1::text, $2::integer, $3::timestamptz, $4::timestamptz)
