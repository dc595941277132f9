-- Of messages that would be answers, notes those that came already as answers to the same letters; an array
-- of them.
-- $1 bigint[]: messages; $2 bigint[]: letters; $3 text[]: own words; $4 timestamptz: now
SELECT messages_twice($1::bigint[], $2::bigint[], $3::text[], false, NULL, $4::timestamptz)
