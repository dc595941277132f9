-- Makes the digests or notices of today, where there is something to tell. Returns how many.
-- $1 text: digest or notice; $2 boolean: once a week; $3 bigint[]: departments or accounts; $4 text[]:
-- Message-IDs; $5 timestamptz: now
SELECT notice_make($1::text, $2::boolean, $3::bigint[], $4::text[], $5::timestamptz)
