-- Who may read and write what. Row security is on and forced everywhere; the office's own roles pass
-- it whole (the grants below limit them), a department sees its own rows, the link's role sees none.
DO $$
DECLARE
	name text;
BEGIN
	FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '@office@' LOOP
		EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
		EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
		EXECUTE format('CREATE POLICY office ON %I TO @office@_owner, @office@_worker, '
			'@office@_staff, @office@_supervisor USING (true) WITH CHECK (true)', name);
	END LOOP;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA @office@ FROM PUBLIC;
GRANT EXECUTE ON FUNCTION caller, office_zone, office_day, workday_add, workdays_between
	TO @office@_worker, @office@_staff, @office@_supervisor, @office@_departments, @office@_web;

-- The stages. They append events by event_add and by the functions that change states.
GRANT SELECT ON ALL TABLES IN SCHEMA @office@ TO @office@_worker;
REVOKE ALL ON account_secret, session, login_failure FROM @office@_worker;
GRANT INSERT, UPDATE ON message, message_piece, message_place, reading, job
	TO @office@_worker;
GRANT UPDATE ON answer TO @office@_worker;
GRANT UPDATE ON dispatch, sender TO @office@_worker; -- mailing_claim.sql takes mails in hand …
GRANT INSERT, UPDATE ON journal TO @office@_worker; -- … and journal_note.sql says how they ended
GRANT USAGE ON ALL SEQUENCES IN SCHEMA @office@ TO @office@_worker;
GRANT EXECUTE ON FUNCTION event_add, sender_start, sender_expire, sender_renew, sender_end,
	journal_post, mailing_readdress, attempt_tells, domain_reserve, domain_hold, send_gate_set, reminder_make,
	notice_make, message_add, messages_add, message_begin, message_end, messages_file, messages_twice,
	message_note, answers_sort, rectification_draft, letter_silence, seal_add, seal_digest, event_bytes TO @office@_worker;
GRANT EXECUTE ON FUNCTION opinions_listed TO @office@_staff, @office@_supervisor;
GRANT EXECUTE ON FUNCTION departments_unread TO @office@_worker, @office@_staff;
GRANT EXECUTE ON FUNCTION list_place, list_place_text
	TO @office@_staff, @office@_supervisor, @office@_departments;
GRANT EXECUTE ON FUNCTION reading_files, send_status, send_list, send_anew, send_trouble, send_strip
	TO @office@_worker, @office@_staff;

-- Staff read all but secrets and raw bytes' table stays apart; they change states by functions.
GRANT SELECT ON ALL TABLES IN SCHEMA @office@ TO @office@_staff;
REVOKE ALL ON account_secret, session, login_failure FROM @office@_staff;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA @office@ TO @office@_staff;
GRANT EXECUTE ON FUNCTION event_add, account_add, account_password, account_email,
	department_email, enterprise_put, reminder_make,
	round_new, round_release, letters_add, letters_added,
	attachment_put, attachment_remove, round_close,
	send_gate_set, attempt_digest, message_hand, messages_file, messages_twice, message_note, message_proposals,
	opinion_assign, opinion_record, opinion_decline,
	rectification_draft, rectification_hand, rectification_return, rectification_approve,
	rectification_close, seal_add, seal_digest, event_bytes TO @office@_staff;

-- What sorts opinions: staff choose it, the stages keep what they go by.
GRANT EXECUTE ON FUNCTION lexicon_put, lexicon_use TO @office@_staff;
GRANT EXECUTE ON FUNCTION lexicon_keep TO @office@_worker;
GRANT EXECUTE ON FUNCTION learnt_put, learnt_use TO @office@_worker, @office@_staff;

-- Supervisors see where things stand, not who said what.
GRANT SELECT ON setting, calendar, department, round, rectification, rating, opinion_department, tally,
	seal, job TO @office@_supervisor;

-- A department: its own rows, by its role's number (an index serves it).
GRANT SELECT ON setting, calendar, department, round, rectification TO @office@_departments;
CREATE POLICY department ON rectification FOR SELECT TO @office@_departments
	USING (department_no = substr(current_user, length('@office@_d') + 1)::integer
	       AND state <> 'draft');
CREATE POLICY department ON setting FOR SELECT TO @office@_departments USING (true);
CREATE POLICY department ON calendar FOR SELECT TO @office@_departments USING (true);
CREATE POLICY department ON department FOR SELECT TO @office@_departments USING (true);
CREATE POLICY department ON round FOR SELECT TO @office@_departments USING (true);
GRANT EXECUTE ON FUNCTION rectification_sign, rectification_answer TO @office@_departments;

GRANT EXECUTE ON FUNCTION link_show, link_submit, link_grade, link_silence TO @office@_link;
GRANT EXECUTE ON FUNCTION account_for_login, login_failed, session_start, session_find, session_end
	TO @office@_web;
