-- No more reminders to a letter's enterprise.
-- $1 bigint: letter; $2 timestamptz: now
SELECT letter_silence($1::bigint, $2::timestamptz)
