-- Whether the office works today, and its clock shows $2 or later.
-- $1 timestamptz: now; $2 text: HH:MM
SELECT works AND to_char($1::timestamptz AT TIME ZONE office_zone(), 'HH24:MI') >= $2::text
FROM calendar WHERE day = office_day($1::timestamptz)
