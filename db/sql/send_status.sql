-- How the sending of a round goes, as one JSON document (send_status in db/schema tells its shape);
-- with mails of no round where no round was named. No round at all: those alone.
-- $1 text: the round's code, NULL: the newest that is no draft, else the newest; $2 timestamptz: now
SELECT send_status((SELECT r.id FROM round r WHERE $1::text IS NULL OR r.code = $1::text
	ORDER BY r.state = 'draft', r.created_at DESC, r.id DESC LIMIT 1), $1::text IS NULL, $2::timestamptz)::text
