-- Mails in a state, as one JSON document (send_list in db/schema tells its shape).
-- $1 text: the round's code, NULL: as in send_status.sql, and mails of no round; $2 text: state; $3 text: "after"
-- of the page before, or NULL; $4 integer: at most; $5 timestamptz: now
SELECT send_list((SELECT r.id FROM round r WHERE $1::text IS NULL OR r.code = $1::text
	ORDER BY r.state = 'draft', r.created_at DESC, r.id DESC LIMIT 1), $1::text IS NULL, $2::text, $3::text, $4::integer,
	$5::timestamptz)::text
