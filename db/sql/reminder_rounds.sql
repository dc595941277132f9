-- Rounds whose letters have not been looked at today for whom to remind.
-- $1 timestamptz: now
SELECT r.id FROM round r, (SELECT office_day($1::timestamptz) AS today) g
WHERE r.state = 'released' AND r.reminders > 0 AND g.today <= r.closes
AND workdays_between(office_day(r.released_at), g.today) >= r.remind_days
AND NOT EXISTS (SELECT FROM event e WHERE e.noun = 'round' AND e.noun_id = r.id
	AND e.verb = 'reminded' AND office_day(e.at) = g.today)
ORDER BY r.id
