-- Ends an opinion that no department gets.
-- $1 bigint: opinion; $2 bigint: merged into, or NULL; $3 bigint: who; $4 timestamptz: now
SELECT opinion_record($1::bigint, $2::bigint, $3::bigint, $4::timestamptz)
