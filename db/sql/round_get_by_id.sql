-- A round by its id.
-- $1 bigint: id
SELECT id, code, title, state, opens, closes, keep_until, language, template, questionnaire, form,
	with_form, reminders, remind_days
FROM round WHERE id = $1::bigint
