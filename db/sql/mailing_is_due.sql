-- Whether any mail is due.
-- $1 timestamptz: now
SELECT EXISTS (SELECT FROM mailing
	WHERE state IN ('due', 'doubtful', 'deferred') AND due_at <= $1::timestamptz)
