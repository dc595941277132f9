-- How far a round is: name, figure and meaning of each, in the order of the work.
-- $1 bigint: round; $2 timestamptz: now
WITH l AS (SELECT id FROM letter WHERE round_id = $1::bigint),
	o AS (SELECT state, kind FROM opinion WHERE round_id = $1::bigint),
	x AS (SELECT state, due FROM rectification WHERE round_id = $1::bigint AND state <> 'draft')
SELECT name, figure, meaning FROM (VALUES
	(0, 'attachments', (SELECT count(*) FROM attachment WHERE round_id = $1::bigint),
		'files that go with the letters'),
	(1, 'letters', (SELECT count(*) FROM l), 'letters'),
	(2, 'paper', (SELECT count(*) FROM l WHERE NOT EXISTS
		(SELECT FROM mailing m WHERE m.letter_id = l.id AND m.kind = 'first')),
		'of them without a mail address'),
	(3, 'sent', (SELECT count(*) FROM mailing m JOIN l ON l.id = m.letter_id
		WHERE m.kind = 'first' AND m.state = 'sent'), 'of them sent'),
	(4, 'bounced', (SELECT count(*) FROM mailing m JOIN l ON l.id = m.letter_id
		WHERE m.kind = 'first' AND m.state IN ('bounced', 'failed')), 'of them refused or come back'),
	(5, 'messages', (SELECT count(*) FROM message), 'messages that came in, of all rounds'),
	(6, 'waiting', (SELECT count(*) FROM message WHERE state IN ('waiting', 'broken')),
		'of them waiting for a person'),
	(7, 'responses', (SELECT count(*) FROM response WHERE round_id = $1::bigint AND NOT late),
		'enterprises that answered in time'),
	(8, 'late', (SELECT count(*) FROM response WHERE round_id = $1::bigint AND late),
		'that answered too late'),
	(9, 'opinions', (SELECT count(*) FROM o), 'opinions'),
	(10, 'review', (SELECT count(*) FROM o WHERE state = 'review'), 'of them for a person to decide'),
	(11, 'sorted', (SELECT count(*) FROM o WHERE state = 'sorted'), 'of them to be handed over'),
	(12, 'recorded', (SELECT count(*) FROM o WHERE state = 'recorded'), 'of them praise or blank'),
	(13, 'declined', (SELECT count(*) FROM o WHERE state = 'declined'), 'of them declined'),
	(14, 'merged', (SELECT count(*) FROM o WHERE state = 'merged'), 'of them merged'),
	(15, 'opinions_closed', (SELECT count(*) FROM o WHERE state = 'closed'), 'of them replied to'),
	(16, 'handed', (SELECT count(*) FROM x), 'items handed over to departments'),
	(17, 'signed', (SELECT count(*) FROM x WHERE state <> 'handed'), 'of them signed for'),
	(18, 'answered', (SELECT count(*) FROM x WHERE state IN ('answered', 'approved', 'closed')),
		'of them answered'),
	(19, 'closed', (SELECT count(*) FROM x WHERE state = 'closed'), 'of them closed'),
	(20, 'overdue', (SELECT count(*) FROM x WHERE state NOT IN ('answered', 'approved', 'closed')
		AND due < office_day($2::timestamptz)), 'of them overdue'),
	(21, 'replies', (SELECT count(*) FROM reply y JOIN l ON l.id = y.letter_id),
		'replies to enterprises'))
	AS figures (place, name, figure, meaning) ORDER BY place
