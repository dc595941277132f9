-- When a round's letters and reminders go out no more: in seconds of Unix time the end of its last day,
-- or when it was closed before.
-- $1 bigint: round
SELECT floor(extract(epoch FROM least((closes + 1)::timestamp AT TIME ZONE office_zone(), closed_at)))::bigint
FROM round WHERE id = $1::bigint
