-- A person says whose an opinion is.
-- $1 bigint: opinion; $2 text: kind, or NULL; $3 jsonb: [{"no", "lead"}]; $4 bigint: who;
-- $5 timestamptz: now
SELECT opinion_assign($1::bigint, $2::text, $3::jsonb, $4::bigint, $5::timestamptz)
