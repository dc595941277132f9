-- Whether the office's day is a working day.
-- $1 timestamptz: now
SELECT works FROM calendar WHERE day = office_day($1::timestamptz)
