-- Hands over a confirmed masked copy. Returns until when it is to be answered.
-- $1 bigint: rectification; $2 text: masked; $3 bigint: who; $4 timestamptz: now
SELECT rectification_hand($1::bigint, $2::text, $3::bigint, $4::timestamptz)::text
