-- Why nothing may be due: the newest draft's code (NULL: there is none), and whether mails of open
-- rounds, or of none, have failed or are to be tried again.
SELECT (SELECT code FROM round WHERE state = 'draft' ORDER BY created_at DESC, id DESC LIMIT 1),
	EXISTS (SELECT FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id
		LEFT JOIN round r ON r.id = l.round_id
		WHERE m.state IN ('failed', 'deferred') AND (r.id IS NULL OR r.state = 'released')
			AND m.id IN (SELECT mailing_id FROM dispatch WHERE tried_at IS NOT NULL
			             UNION ALL SELECT mailing_id FROM attempt WHERE outcome = 'failed'))
