-- Rounds whose letters have not been looked at today for whom to remind. None while answers may lie
-- in a mailbox that could not be read, or that another worker is reading.
-- $1 timestamptz: now
SELECT r.id FROM round r, (SELECT office_day($1::timestamptz) AS today) g
WHERE r.state = 'released' AND r.reminders > 0 AND g.today <= r.closes
AND workdays_between(office_day(r.released_at), g.today) >= r.remind_days
AND NOT EXISTS (SELECT FROM event e WHERE e.noun = 'round' AND e.noun_id = r.id
	AND e.verb = 'reminded' AND office_day(e.at) = g.today)
AND NOT EXISTS (SELECT FROM job j WHERE j.name = 'collect'
	AND (j.problem IS NOT NULL OR (j.worker IS NOT NULL AND j.lease_until >= $1::timestamptz)))
ORDER BY r.id
