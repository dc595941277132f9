-- Takes a file away again; FALSE when there is none of that name.
-- $1 bigint: round; $2 bigint: enterprise, NULL for all; $3 text: name; $4 bigint: who; $5
-- timestamptz: now
SELECT attachment_remove($1::bigint, $2::bigint, $3::text, $4::bigint, $5::timestamptz)
