-- Leases answers that nobody has sorted. Returns id, own words, name and short name of the
-- enterprise, the office's day on which it was written.
-- $1 integer: how many; $2 integer: seconds; $3 text: worker; $4 timestamptz: now
UPDATE answer SET worker = $3::text, lease_until = $4::timestamptz + $2::integer * interval '1 second'
FROM response s, letter l, enterprise e
WHERE answer.id IN (SELECT id FROM answer
	WHERE sorted_at IS NULL AND (lease_until IS NULL OR lease_until < $4::timestamptz)
	ORDER BY at, id LIMIT $1::integer FOR UPDATE SKIP LOCKED)
AND s.id = answer.response_id AND l.id = s.letter_id AND e.id = l.enterprise_id
RETURNING answer.id, answer.own, e.name, e.short_name, office_day(answer.at)::text
