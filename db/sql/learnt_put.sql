-- Keeps a layer that was learnt. Returns its version.
-- $1 bytea: the model; $2 jsonb: its figures; $3 bigint: who, or NULL; $4 timestamptz: now
SELECT learnt_put($1::bytea, $2::jsonb, $3::bigint, $4::timestamptz)
