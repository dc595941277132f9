-- The office's day.
-- $1 timestamptz: now
SELECT office_day($1::timestamptz)::text
