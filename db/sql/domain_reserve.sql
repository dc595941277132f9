-- How many letters may go to domains in this hour; they count as gone.
-- $1 text[]: domains; $2 integer[]: wanted; $3 integer[]: the limits an hour; $4 timestamptz: now
SELECT unnest(domain_reserve($1::text[], $2::integer[], $3::integer[], $4::timestamptz))
