-- Whether any mail is due that no other sender holds.
-- $1 timestamptz: now
SELECT EXISTS (SELECT FROM mailing
	WHERE state IN ('due', 'doubtful', 'deferred') AND due_at <= $1::timestamptz
	AND (lease_until IS NULL OR lease_until < $1::timestamptz))
