-- Writes the calendar anew.
-- $1 date: first day; $2 date: last day; $3 date: last day with a published notice; $4 jsonb: the
-- holidays and make-up days
SELECT calendar_fill($1::date, $2::date, $3::date, $4::jsonb)
