-- Whether one more letter may go to a domain in this hour; it counts as gone then.
-- $1 text: domain; $2 integer: the limit an hour; $3 timestamptz: now
SELECT domain_reserve($1::text, $2::integer, $3::timestamptz)
