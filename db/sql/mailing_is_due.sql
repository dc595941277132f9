-- Whether any mail is due.
-- $1 timestamptz: now
SELECT EXISTS (SELECT FROM dispatch WHERE due_at <= $1::timestamptz)
