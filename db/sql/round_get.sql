-- A round by its code; NULL: the newest one.
-- $1 text: code, or NULL
SELECT id, code, title, state, opens, closes, keep_until, language, template, questionnaire, form,
	with_form, reminders, remind_days
FROM round WHERE $1::text IS NULL OR code = $1::text ORDER BY created_at DESC, id DESC LIMIT 1
