-- Ends an opinion with a reason, which the enterprise is told.
-- $1 bigint: opinion; $2 text: reason; $3 text: Message-ID of the reply; $4 bigint: who;
-- $5 timestamptz: now
SELECT opinion_decline($1::bigint, $2::text, $3::text, $4::bigint, $5::timestamptz)
