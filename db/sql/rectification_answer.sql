-- A department answers.
-- $1 bigint: rectification; $2 text: answer; $3 bigint: who; $4 timestamptz: now
SELECT rectification_answer($1::bigint, $2::text, $3::bigint, $4::timestamptz)
