-- State changes. Each function checks who calls and the state, writes the row and appends to
-- `event` in one transaction. They run as the schema's owner (SECURITY DEFINER), so the caller is
-- read from the `role` setting, or session_user where none was taken.
--
-- Errors: PY001 wrong state, PY002 bad input, 42501 not you.

-- The role that calls, without the office's name: staff, worker, supervisor, link, web, d12.
CREATE FUNCTION caller() RETURNS text
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
	taken text := current_setting('role');
	whole text := CASE WHEN taken IN ('none', '') THEN session_user::text ELSE taken END;
BEGIN
	IF whole LIKE '@office@\_%' THEN
		RETURN substr(whole, length('@office@_') + 1);
	END IF;
	RETURN 'admin';
END $$;

-- Whether the account may act as the role that calls; NULL is the system itself (a stage).
CREATE FUNCTION actor_check(p_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	who  text := caller();
	a    account;
BEGIN
	IF p_account IS NULL THEN
		IF who IN ('worker', 'link', 'admin') THEN
			RETURN;
		END IF;
		RAISE EXCEPTION 'a person must be named' USING ERRCODE = '42501';
	END IF;
	SELECT * INTO a FROM account WHERE id = p_account AND active;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no active account %', p_account USING ERRCODE = '42501';
	END IF;
	IF who = 'admin' OR who = a.kind
	   OR (a.kind = 'department' AND who = 'd' || a.department_no) THEN
		RETURN;
	END IF;
	RAISE EXCEPTION 'account % may not act as %', p_account, who USING ERRCODE = '42501';
END $$;

CREATE FUNCTION event_add(p_noun text, p_noun_id bigint, p_verb text, p_from text, p_to text,
	p_account bigint, p_at timestamptz, p_text text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM actor_check(p_account);
	INSERT INTO event (at, account_id, role, noun, noun_id, verb, from_state, to_state, text_hash)
	VALUES (p_at, p_account, caller(), p_noun, p_noun_id, p_verb, p_from, p_to,
		CASE WHEN p_text IS NOT NULL THEN sha256(convert_to(p_text, 'UTF8')) END);
END $$;

-- The office's day at a moment.
CREATE FUNCTION office_day(p_at timestamptz) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (p_at AT TIME ZONE
		coalesce((SELECT value FROM setting WHERE name = 'timezone'), 'Asia/Shanghai'))::date;
END $$;

-- The day `p_days` working days after `p_day`, which is not counted itself.
CREATE FUNCTION workday_add(p_day date, p_days integer) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	found_day date;
BEGIN
	SELECT c.day INTO found_day FROM calendar c
	WHERE c.works AND c.number = (SELECT number FROM calendar WHERE day = p_day) + p_days;
	IF found_day IS NULL THEN
		RAISE EXCEPTION 'the calendar does not reach % working days after %', p_days, p_day
			USING ERRCODE = 'PY001';
	END IF;
	RETURN found_day;
END $$;

-- Working days from `p_from` (not counted) to `p_to`; negative when `p_to` is earlier.
CREATE FUNCTION workdays_between(p_from date, p_to date) RETURNS integer
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT number FROM calendar WHERE day = p_to) -
	       (SELECT number FROM calendar WHERE day = p_from);
END $$;

-- Writes the calendar anew for the days from p_from to p_to: weekends rest, but for the days in
-- p_holidays ([{"day", "works", "name"}]); days after p_published are provisional.
CREATE FUNCTION calendar_fill(p_from date, p_to date, p_published date, p_holidays jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM calendar;
	INSERT INTO calendar (day, works, number, published, name)
	SELECT day, works, count(*) FILTER (WHERE works) OVER (ORDER BY day), day <= p_published, name
	FROM (SELECT d::date AS day, coalesce(h.works, extract(isodow FROM d) < 6) AS works, h.name
	      FROM generate_series(p_from::timestamp, p_to::timestamp, '1 day') d
	      LEFT JOIN jsonb_to_recordset(p_holidays) AS h(day date, works boolean, name text)
	      ON h.day = d::date) days;
END $$;

CREATE FUNCTION account_add(p_login text, p_name text, p_kind text, p_department integer,
	p_hash text, p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	IF caller() NOT IN ('admin', 'staff') THEN
		RAISE EXCEPTION 'only staff make accounts' USING ERRCODE = '42501';
	END IF;
	INSERT INTO account (login, name, kind, department_no, created_at)
	VALUES (p_login, p_name, p_kind, p_department, p_at) RETURNING id INTO new_id;
	INSERT INTO account_secret VALUES (new_id, p_hash);
	PERFORM event_add('account', new_id, 'add', NULL, p_kind, p_account, p_at);
	RETURN new_id;
END $$;

CREATE FUNCTION account_password(p_login text, p_hash text, p_account bigint, p_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	found_id bigint;
BEGIN
	SELECT id INTO found_id FROM account WHERE login = p_login;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no account of this name' USING ERRCODE = 'PY002';
	END IF;
	UPDATE account_secret SET password_hash = p_hash WHERE account_id = found_id;
	DELETE FROM session WHERE account_id = found_id;
	PERFORM event_add('account', found_id, 'password', NULL, NULL, p_account, p_at);
	RETURN found_id;
END $$;

-- Where notices to a supervisor go; NULL: nowhere. FALSE when there is no active account of that login.
CREATE FUNCTION account_email(p_login text, p_email text, p_account bigint, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	a account;
BEGIN
	PERFORM actor_check(p_account);
	IF caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff change accounts' USING ERRCODE = '42501';
	END IF;
	SELECT * INTO a FROM account WHERE login = p_login AND active FOR UPDATE;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	IF a.kind <> 'supervisor' AND p_email IS NOT NULL THEN
		RAISE EXCEPTION 'only supervisors get notices' USING ERRCODE = 'PY002';
	END IF;
	UPDATE account SET email = p_email WHERE id = a.id;
	PERFORM event_add('account', a.id, 'email', NULL, NULL, p_account, p_at, p_email);
	RETURN true;
END $$;

-- Where the digest of a department goes; NULL: nowhere. FALSE when no active one has this code.
CREATE FUNCTION department_email(p_code text, p_email text, p_account bigint, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_no integer;
BEGIN
	PERFORM actor_check(p_account);
	IF caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff change departments' USING ERRCODE = '42501';
	END IF;
	SELECT no INTO the_no FROM department WHERE code = p_code AND active;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	DELETE FROM department_address WHERE department_no = the_no;
	IF p_email IS NOT NULL THEN
		INSERT INTO department_address VALUES (the_no, p_email);
	END IF;
	PERFORM event_add('department', the_no, 'email', NULL, NULL, p_account, p_at, p_email);
	RETURN true;
END $$;

-- For the login page: who that is and what its password must hash to; failures of the last quarter
-- of an hour beside it. NULL when there is none.
CREATE FUNCTION account_for_login(p_login text, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('id', a.id, 'kind', a.kind, 'department', a.department_no,
			'name', a.name, 'hash', s.password_hash, 'failures',
			(SELECT count(*) FROM login_failure f
			 WHERE f.login = p_login AND f.at > p_at - interval '15 minutes'))
		FROM account a JOIN account_secret s ON s.account_id = a.id
		WHERE a.login = p_login AND a.active);
END $$;

CREATE FUNCTION login_failed(p_login text, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM login_failure WHERE at < p_at - interval '1 day';
	INSERT INTO login_failure (login, at) VALUES (left(p_login, 100), p_at);
END $$;

CREATE FUNCTION session_start(p_token_hash bytea, p_account bigint, p_csrf text, p_at timestamptz,
	p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM session WHERE expires_at < p_at;
	INSERT INTO session VALUES (p_token_hash, p_account, p_csrf, p_at, p_expires);
END $$;

-- Whose session it is, or NULL: {"account", "kind", "department", "department_name", "name", "csrf"}.
CREATE FUNCTION session_find(p_token_hash bytea, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT jsonb_build_object('account', a.id, 'kind', a.kind, 'department', a.department_no,
			'department_name', d.name, 'name', a.name, 'csrf', s.csrf)
		FROM session s JOIN account a ON a.id = s.account_id
		LEFT JOIN department d ON d.no = a.department_no
		WHERE s.token_hash = p_token_hash AND s.expires_at > p_at AND a.active);
END $$;

CREATE FUNCTION session_end(p_token_hash bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	DELETE FROM session WHERE token_hash = p_token_hash;
END $$;

-- Enterprises.

-- Adds the enterprise of p_row (db/sql/enterprise_put.sql tells its shape) or changes what differs;
-- it is known by its credit code, else by its name. The first contact that has an address gets the
-- letter, without any the first. Returns {"what": "new" | "changed" | "same", "fields": "…"}.
CREATE FUNCTION enterprise_put(p_row jsonb, p_account bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	e        enterprise;
	changed  text[] := '{}';
	contacts jsonb := coalesce(p_row->'contacts', '[]');
	had      jsonb;
	verb     text;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO e FROM enterprise
	WHERE credit_code = p_row->>'credit_code'
	   OR (name = p_row->>'name' AND (credit_code IS NULL OR p_row->>'credit_code' IS NULL))
	ORDER BY credit_code = p_row->>'credit_code' DESC NULLS LAST LIMIT 1 FOR UPDATE;
	IF NOT FOUND THEN
		INSERT INTO enterprise (name, short_name, credit_code, stratum, address, postcode,
			changed_at)
		VALUES (p_row->>'name', p_row->>'short_name', p_row->>'credit_code', p_row->>'stratum',
			p_row->>'address', p_row->>'postcode', p_at)
		RETURNING * INTO e;
		verb := 'new';
		had := '[]';
	ELSE
		changed := array_remove(ARRAY[
			CASE WHEN e.name IS DISTINCT FROM p_row->>'name' THEN 'name' END,
			CASE WHEN e.short_name IS DISTINCT FROM p_row->>'short_name' THEN 'short_name' END,
			CASE WHEN e.credit_code IS DISTINCT FROM
				coalesce(p_row->>'credit_code', e.credit_code) THEN 'credit_code' END,
			CASE WHEN e.stratum IS DISTINCT FROM p_row->>'stratum' THEN 'stratum' END,
			CASE WHEN e.address IS DISTINCT FROM p_row->>'address' THEN 'address' END,
			CASE WHEN e.postcode IS DISTINCT FROM p_row->>'postcode' THEN 'postcode' END,
			CASE WHEN NOT e.active THEN 'active' END], NULL);
		SELECT coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'email', c.email,
			'phone', c.phone) ORDER BY c.position), '[]')
		INTO had FROM contact c WHERE c.enterprise_id = e.id;
		IF had <> contacts THEN
			changed := changed || 'contacts'::text;
		END IF;
		verb := CASE WHEN changed = '{}' THEN 'same' ELSE 'changed' END;
		IF changed <> '{}' THEN
			UPDATE enterprise SET name = p_row->>'name', short_name = p_row->>'short_name',
				credit_code = coalesce(p_row->>'credit_code', credit_code),
				stratum = p_row->>'stratum', address = p_row->>'address',
				postcode = p_row->>'postcode', active = true, changed_at = p_at
			WHERE id = e.id;
		END IF;
	END IF;
	IF verb = 'new' OR 'contacts' = ANY (changed) THEN
		DELETE FROM contact WHERE enterprise_id = e.id;
		INSERT INTO contact (enterprise_id, name, email, phone, is_letter, position)
		SELECT e.id, c.value->>'name', c.value->>'email', c.value->>'phone',
			c.ordinality = coalesce(
				(SELECT min(d.ordinality) FROM jsonb_array_elements(contacts)
					WITH ORDINALITY AS d WHERE d.value->>'email' IS NOT NULL), 1),
			c.ordinality::integer
		FROM jsonb_array_elements(contacts) WITH ORDINALITY AS c;
	END IF;
	IF verb <> 'same' THEN
		PERFORM event_add('enterprise', e.id, verb, NULL, NULL, p_account, p_at, p_row::text);
	END IF;
	RETURN jsonb_build_object('what', verb, 'fields', array_to_string(changed, ', '));
END $$;

-- Rounds.

CREATE FUNCTION round_new(p_code text, p_title text, p_opens date, p_closes date, p_keep_until date,
	p_language text, p_template text, p_questionnaire text, p_with_form boolean,
	p_reminders integer, p_remind_days integer, p_review_days integer, p_sign_days integer,
	p_answer_days integer, p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	PERFORM actor_check(p_account);
	INSERT INTO round (code, title, state, opens, closes, keep_until, language, template,
		questionnaire, with_form, reminders, remind_days, review_days, sign_days, answer_days,
		created_by, created_at)
	VALUES (p_code, p_title, 'draft', p_opens, p_closes, p_keep_until, p_language, p_template,
		p_questionnaire, p_with_form, p_reminders, p_remind_days, p_review_days, p_sign_days,
		p_answer_days, p_account, p_at)
	RETURNING id INTO new_id;
	PERFORM event_add('round', new_id, 'new', NULL, 'draft', p_account, p_at, p_template);
	RETURN new_id;
END $$;

-- A file that goes with the letters of a draft: with all, or with one enterprise's. The same name
-- again replaces it.
CREATE FUNCTION attachment_put(p_round bigint, p_enterprise bigint, p_name text, p_type text,
	p_bytes bytea, p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	PERFORM actor_check(p_account);
	PERFORM FROM round WHERE id = p_round AND state = 'draft' FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'only a draft takes attachments' USING ERRCODE = 'PY001';
	END IF;
	INSERT INTO attachment (round_id, enterprise_id, name, type, bytes, added_at)
	VALUES (p_round, p_enterprise, p_name, p_type, p_bytes, p_at)
	ON CONFLICT ON CONSTRAINT attachment_once DO UPDATE
		SET type = EXCLUDED.type, bytes = EXCLUDED.bytes, added_at = EXCLUDED.added_at
	RETURNING id INTO new_id;
	PERFORM event_add('attachment', new_id, 'put', NULL, NULL, p_account, p_at, p_name);
	RETURN new_id;
END $$;

-- Takes it away again; FALSE when there is none of that name.
CREATE FUNCTION attachment_remove(p_round bigint, p_enterprise bigint, p_name text,
	p_account bigint, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	old_id bigint;
BEGIN
	PERFORM actor_check(p_account);
	PERFORM FROM round WHERE id = p_round AND state = 'draft' FOR UPDATE;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'only a draft takes attachments' USING ERRCODE = 'PY001';
	END IF;
	DELETE FROM attachment WHERE round_id = p_round AND name = p_name
		AND enterprise_id IS NOT DISTINCT FROM p_enterprise RETURNING id INTO old_id;
	IF old_id IS NULL THEN
		RETURN false;
	END IF;
	PERFORM event_add('attachment', old_id, 'remove', NULL, NULL, p_account, p_at, p_name);
	RETURN true;
END $$;

-- Releases a draft with its form. In the same transaction letters_add makes its letters.
CREATE FUNCTION round_release(p_round bigint, p_form bytea, p_account bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM actor_check(p_account);
	UPDATE round SET state = 'released', form = p_form, released_by = p_account, released_at = p_at
	WHERE id = p_round AND state = 'draft';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'only a draft can be released' USING ERRCODE = 'PY001';
	END IF;
	PERFORM event_add('round', p_round, 'release', 'draft', 'released', p_account, p_at);
	PERFORM pg_notify('@office@', 'send');
END $$;

-- Letters of the round that this transaction releases, as arrays of the same length; one without a
-- recipient goes on paper. A number that another letter has is left out. Returns the enterprises
-- whose number was taken.
CREATE FUNCTION letters_add(p_round bigint, p_enterprises bigint[], p_numbers text[],
	p_secret_hashes bytea[], p_message_ids text[], p_recipients text[], p_at timestamptz)
RETURNS bigint[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	taken bigint[];
BEGIN
	IF caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff make letters' USING ERRCODE = '42501';
	END IF;
	PERFORM FROM round WHERE id = p_round AND state = 'released' AND released_at = p_at;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'letters are made by the release' USING ERRCODE = 'PY001';
	END IF;
	WITH given AS (
		SELECT * FROM unnest(p_enterprises, p_numbers, p_secret_hashes, p_message_ids, p_recipients)
			AS g(enterprise, number, secret_hash, message_id, recipient)
	), added AS (
		INSERT INTO letter (round_id, enterprise_id, number, secret_hash, paper, created_at)
		SELECT p_round, enterprise, number, secret_hash, recipient IS NULL, p_at FROM given
		ON CONFLICT (number) DO NOTHING
		RETURNING id, enterprise_id
	), mailed AS (
		INSERT INTO mailing (kind, letter_id, round_id, stratum, message_id, recipient, domain,
			state, created_at)
		SELECT 'first', a.id, p_round, e.stratum, g.message_id, g.recipient,
			lower(regexp_replace(g.recipient, '^.*@', '')), 'due', p_at
		FROM added a JOIN given g ON g.enterprise = a.enterprise_id
		JOIN enterprise e ON e.id = a.enterprise_id
		WHERE g.recipient IS NOT NULL
		RETURNING id
	), queued AS (
		INSERT INTO dispatch (mailing_id, due_at) SELECT id, p_at FROM mailed
	)
	SELECT array_agg(g.enterprise) INTO taken FROM given g
	WHERE g.enterprise NOT IN (SELECT enterprise_id FROM added);
	RETURN coalesce(taken, '{}');
END $$;

-- After the letters of a release: what the planner must know of them.
CREATE FUNCTION letters_added() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	ANALYZE letter;
	ANALYZE mailing;
	ANALYZE dispatch;
END $$;

CREATE FUNCTION round_close(p_round bigint, p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM actor_check(p_account);
	UPDATE round SET state = 'closed', closed_at = p_at WHERE id = p_round AND state = 'released';
	IF NOT FOUND THEN
		RAISE EXCEPTION 'only a released round can be closed' USING ERRCODE = 'PY001';
	END IF;
	-- first letters and reminders that have not left stay here
	WITH stopped AS (
		DELETE FROM dispatch d USING mailing m, letter l
		WHERE m.id = d.mailing_id AND l.id = m.letter_id AND l.round_id = p_round
		AND m.kind IN ('first', 'reminder') AND d.sender_id IS NULL
		RETURNING d.mailing_id
	)
	UPDATE mailing SET state = 'cancelled' WHERE id IN (SELECT mailing_id FROM stopped);
	PERFORM event_add('round', p_round, 'close', 'released', 'closed', p_account, p_at);
END $$;

-- Mail.

-- Ends a sender that is no more: what it held may have arrived, and is due again. p_words says so in
-- the ledger. Internal. Returns how many it held.
CREATE FUNCTION sender_bury(p_sender bigint, p_words text, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n         integer;
	the_event bigint;
	digest    bytea;
BEGIN
	UPDATE sender SET ended_at = p_at WHERE id = p_sender AND ended_at IS NULL;
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	the_event := nextval('event_id_seq');
	WITH freed AS (
		UPDATE dispatch SET sender_id = NULL, tried = true WHERE sender_id = p_sender
		RETURNING mailing_id
	), marked AS (
		UPDATE mailing SET state = 'doubtful', tries = tries + 1, burials = burials + 1,
			words = p_words, code = NULL
		WHERE id IN (SELECT mailing_id FROM freed) RETURNING id, tries
	)
	INSERT INTO attempt (mailing_id, number, at, sender_id, event_id, outcome, words)
	SELECT id, tries, p_at, p_sender, the_event, 'doubtful', p_words FROM marked;
	GET DIAGNOSTICS n = ROW_COUNT;
	IF n > 0 THEN
		digest := attempt_digest(the_event);
	END IF;
	INSERT INTO event (id, at, role, noun, noun_id, verb, from_state, to_state, text_hash)
	VALUES (the_event, p_at, caller(), 'sender', p_sender, 'bury', NULL, NULL, digest);
	RETURN n;
END $$;

-- A process begins to send, once those that are no more have been buried (sender_expire).
CREATE FUNCTION sender_start(p_name text, p_relay text, p_lease_s integer, p_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	INSERT INTO sender (name, relay, started_at, lease_until)
	VALUES (p_name, p_relay, p_at, p_at + p_lease_s * interval '1 second') RETURNING id INTO new_id;
	RETURN new_id;
END $$;

-- Buries whoever's lease has run out, and those of p_gone, which the caller knows to have ended.
-- Returns how many letters they held.
CREATE FUNCTION sender_expire(p_gone bigint[], p_words text, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	dead bigint;
	n    integer := 0;
BEGIN
	FOR dead IN SELECT id FROM sender WHERE ended_at IS NULL
		AND (lease_until < p_at OR id = ANY (p_gone)) FOR UPDATE LOOP
		n := n + sender_bury(dead, p_words, p_at);
	END LOOP;
	RETURN n;
END $$;

-- Renews a lease. FALSE when it has been buried: then it may send nothing more.
CREATE FUNCTION sender_renew(p_sender bigint, p_lease_s integer, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE sender SET lease_until = p_at + p_lease_s * interval '1 second'
	WHERE id = p_sender AND ended_at IS NULL;
	RETURN FOUND;
END $$;

-- A sender ends by itself: it has recorded everything; what it holds has not left and is due still.
CREATE FUNCTION sender_end(p_sender bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE dispatch SET sender_id = NULL WHERE sender_id = p_sender;
	UPDATE sender SET ended_at = p_at WHERE id = p_sender AND ended_at IS NULL;
END $$;

-- What the event of a commit seals: all tries that were recorded with it.
CREATE FUNCTION attempt_digest(p_event bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT sha256(convert_to(string_agg(concat_ws('|', mailing_id, number,
			coalesce(sender_id, 0), outcome,
			coalesce(code, 0), coalesce(words, '')), E'\n' ORDER BY mailing_id), 'UTF8'))
		FROM attempt WHERE event_id = p_event);
END $$;

-- How mails that p_sender holds ended, as arrays of the same length. An outcome of NULL puts a mail
-- back that was not tried. p_next: when it is due again, where it is. All tries share one event,
-- whose hash is over them. What it no longer holds is left alone. Returns how many it still held.
CREATE FUNCTION mailing_record(p_sender bigint, p_mailings bigint[], p_outcomes text[],
	p_codes integer[], p_words text[], p_next timestamptz[], p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n         integer;
	the_event bigint := nextval('event_id_seq');
	digest    bytea;
BEGIN
	WITH given AS (
		SELECT * FROM unnest(p_mailings, p_outcomes, p_codes, p_words, p_next)
			AS g(mailing, outcome, code, words, next)
	), ended AS (
		DELETE FROM dispatch d USING given g
		WHERE d.mailing_id = g.mailing AND d.sender_id = p_sender
		AND g.outcome IN ('sent', 'failed', 'cancelled', 'bounced')
		RETURNING g.mailing, g.outcome, g.code, g.words
	), kept AS (
		UPDATE dispatch d SET sender_id = NULL, due_at = coalesce(g.next, d.due_at),
			tried = d.tried OR g.outcome IS NOT NULL FROM given g
		WHERE d.mailing_id = g.mailing AND d.sender_id = p_sender
		AND g.outcome IN ('sent', 'failed', 'cancelled', 'bounced') IS NOT TRUE
		RETURNING g.mailing, g.outcome, g.code, g.words
	), done AS (
		UPDATE mailing m SET state = g.outcome, tries = m.tries + 1,
			doubts = m.doubts + (g.outcome = 'doubtful')::integer, code = g.code, words = g.words,
			sent_at = CASE WHEN g.outcome = 'sent' THEN p_at END
		FROM (SELECT * FROM ended UNION ALL SELECT * FROM kept WHERE outcome IS NOT NULL) g
		WHERE m.id = g.mailing
		RETURNING m.id, m.tries, g.outcome, g.code, g.words
	), tried AS (
		INSERT INTO attempt (mailing_id, number, at, sender_id, event_id, outcome, code, words)
		SELECT id, tries, p_at, p_sender, the_event, outcome, code, words FROM done
		RETURNING concat_ws('|', mailing_id, number, coalesce(sender_id, 0), outcome,
			coalesce(code, 0), coalesce(words, '')) AS line, mailing_id
	)
	SELECT (SELECT count(*) FROM ended) + (SELECT count(*) FROM kept),
		(SELECT sha256(convert_to(string_agg(line, E'\n' ORDER BY mailing_id), 'UTF8')) FROM tried)
	INTO n, digest;
	IF digest IS NOT NULL THEN
		INSERT INTO event (id, at, role, noun, noun_id, verb, text_hash)
		VALUES (the_event, p_at, caller(), 'sender', p_sender, 'record', digest);
	END IF;
	RETURN n;
END $$;

-- Whether one more letter may go to p_domain in the hour that p_at is in, when p_limit may in all; it
-- counts as gone then.
CREATE FUNCTION domain_reserve(p_domain text, p_limit integer, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	pace domain_pace;
BEGIN
	INSERT INTO domain_pace (domain, hour, used, strikes) VALUES (p_domain, p_at, 0, 0)
	ON CONFLICT (domain) DO NOTHING;
	SELECT * INTO pace FROM domain_pace WHERE domain = p_domain FOR UPDATE;
	IF pace.hour <= p_at - interval '1 hour' THEN
		pace.hour := p_at;
		pace.used := 0;
	END IF;
	IF pace.used >= p_limit THEN
		RETURN false;
	END IF;
	UPDATE domain_pace SET hour = pace.hour, used = pace.used + 1 WHERE domain = p_domain;
	RETURN true;
END $$;

-- A domain wants nothing until p_until (NULL: it takes letters again).
CREATE FUNCTION domain_hold(p_domain text, p_strikes integer, p_until timestamptz,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	INSERT INTO domain_pace (domain, hour, used, strikes, hold_until)
	VALUES (p_domain, p_at, 0, p_strikes, p_until)
	ON CONFLICT (domain) DO UPDATE SET strikes = EXCLUDED.strikes, hold_until = EXCLUDED.hold_until;
END $$;

-- Opens or closes the gate that all mail passes; FALSE when it was so already.
CREATE FUNCTION send_gate_set(p_open boolean, p_why text, p_account bigint, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was send_gate;
BEGIN
	PERFORM actor_check(p_account);
	IF p_open AND caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff let mail leave again' USING ERRCODE = '42501';
	END IF;
	INSERT INTO send_gate (open, changed_at, counted_from) VALUES (true, p_at, '-infinity')
	ON CONFLICT (one) DO NOTHING;
	SELECT * INTO was FROM send_gate FOR UPDATE;
	IF was.open = p_open THEN
		RETURN false;
	END IF;
	UPDATE send_gate SET open = p_open, why = p_why, account_id = p_account, changed_at = p_at,
		counted_from = CASE WHEN p_open THEN p_at ELSE counted_from END;
	PERFORM event_add('send_gate', 1, CASE WHEN p_open THEN 'open' ELSE 'close' END,
		CASE WHEN was.open THEN 'open' ELSE 'closed' END,
		CASE WHEN p_open THEN 'open' ELSE 'closed' END, p_account, p_at, p_why);
	PERFORM pg_notify('@office@', 'send');
	RETURN true;
END $$;

-- Reminders to letters of a round (arrays of one length), each to the address that its enterprise has
-- now. Only those that are still wanted are made: reminder_due.sql tells when; the days alone are not
-- looked at here, for a person may not want to wait for them. Returns how many were made.
CREATE FUNCTION reminder_make(p_round bigint, p_letters bigint[], p_turns integer[],
	p_message_ids text[], p_account bigint, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	r    round;
	n    integer;
	what text;
BEGIN
	PERFORM actor_check(p_account);
	IF caller() NOT IN ('worker', 'staff', 'admin') THEN
		RAISE EXCEPTION '% may not remind', caller() USING ERRCODE = '42501';
	END IF;
	SELECT * INTO r FROM round WHERE id = p_round FOR SHARE;
	IF NOT FOUND OR r.state <> 'released' OR office_day(p_at) > r.closes THEN
		RAISE EXCEPTION 'only a round that is open reminds' USING ERRCODE = 'PY001';
	END IF;
	WITH given AS (
		SELECT * FROM unnest(p_letters, p_turns, p_message_ids) AS g(letter, turn, message_id)
	), made AS (
		INSERT INTO mailing (kind, letter_id, turn, message_id, recipient, domain, state, created_at)
		SELECT 'reminder', l.id, g.turn, g.message_id, c.email,
			lower(regexp_replace(c.email, '^.*@', '')), 'due', p_at
		FROM given g JOIN letter l ON l.id = g.letter AND l.round_id = p_round AND NOT l.revoked
		JOIN enterprise e ON e.id = l.enterprise_id AND e.active AND NOT e.silent
		JOIN contact c ON c.enterprise_id = e.id AND c.is_letter AND c.email IS NOT NULL
		JOIN mailing f ON f.letter_id = l.id AND f.kind = 'first' AND f.state = 'sent'
		WHERE g.turn <= r.reminders
		AND g.turn = 1 + coalesce((SELECT max(m.turn) FROM mailing m
			WHERE m.letter_id = l.id AND m.kind = 'reminder'), 0)
		AND NOT EXISTS (SELECT FROM mailing m WHERE m.letter_id = l.id AND m.kind = 'reminder'
			AND m.state IN ('due', 'doubtful', 'deferred'))
		AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)
		ON CONFLICT DO NOTHING
		RETURNING id, letter_id, turn
	), queued AS (
		INSERT INTO dispatch (mailing_id, due_at) SELECT id, p_at FROM made
	)
	SELECT count(*), string_agg(letter_id || '/' || turn, E'\n' ORDER BY letter_id) INTO n, what
	FROM made;
	IF n > 0 THEN
		PERFORM event_add('round', p_round, 'remind', NULL, NULL, p_account, p_at, what);
		PERFORM pg_notify('@office@', 'send');
	END IF;
	RETURN n;
END $$;

-- Digests to departments (p_kind 'digest'; p_whos are their numbers) or notices to supervisors
-- ('notice'; accounts), of the office's day that p_at is in, and the mails that carry them. Those that
-- have nothing to be told get none. That they were made is an event of the day. Returns how many.
--
-- A digest speaks of what a department has open; where p_weekly, also of what is merely in work:
--   {"to_sign", "working", "due_today", "due_soon" (within 3 working days, today left out), "overdue",
--    "items": [{"id", "state", "due", "days" (working days left, below 0 when overdue), "sign_due"}]}
-- a notice of what is overdue, with the sums of the whole office:
--   {…, "departments": [{"department", "overdue", "due" (the earliest), "days"}],
--    "items": [{"id", "department", "due", "days"}]}
-- The most urgent 50 items are listed. Nothing of what was said or who said it.
CREATE FUNCTION notice_make(p_kind text, p_weekly boolean, p_whos bigint[], p_message_ids text[],
	p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	today date := office_day(p_at);
	n     integer;
BEGIN
	IF caller() NOT IN ('worker', 'admin') THEN
		RAISE EXCEPTION '% may not make notices', caller() USING ERRCODE = '42501';
	END IF;
	PERFORM event_add('calendar', to_char(today, 'YYYYMMDD')::bigint, p_kind, NULL, NULL, NULL, p_at);
	WITH given AS (
		SELECT * FROM unnest(p_whos, p_message_ids) AS g(who, message_id)
	), x AS (
		SELECT r.id, r.department_no, d.name, r.state, r.sign_due, r.due, c.number - t.number AS days,
			row_number() OVER (PARTITION BY r.department_no ORDER BY r.due, r.id) AS place,
			row_number() OVER (ORDER BY r.due, r.id) AS place_of_all
		FROM rectification r JOIN department d ON d.no = r.department_no
		LEFT JOIN calendar c ON c.day = r.due LEFT JOIN calendar t ON t.day = today
		WHERE r.state IN ('handed', 'signed', 'returned')
	), sums AS ( -- of each department, and of all (department_no NULL)
		SELECT department_no, count(*) FILTER (WHERE state = 'handed') AS to_sign,
			count(*) FILTER (WHERE state <> 'handed') AS working,
			count(*) FILTER (WHERE due = today) AS due_today,
			count(*) FILTER (WHERE due > today AND days <= 3) AS due_soon,
			count(*) FILTER (WHERE due < today) AS overdue
		FROM x GROUP BY GROUPING SETS ((department_no), ())
	), late AS (
		SELECT department_no, name, count(*) AS overdue, min(due) AS due, min(days) AS days
		FROM x WHERE due < today GROUP BY department_no, name
	), facts AS (
		SELECT g.who, g.message_id, w.email, jsonb_build_object('to_sign', s.to_sign,
			'working', s.working, 'due_today', s.due_today, 'due_soon', s.due_soon,
			'overdue', s.overdue, 'items', (SELECT jsonb_agg(jsonb_build_object('id', x.id,
				'state', x.state, 'due', x.due, 'days', x.days,
				'sign_due', CASE WHEN x.state = 'handed' THEN x.sign_due END) ORDER BY x.place)
				FROM x WHERE x.department_no = d.no AND x.place <= 50)) AS facts
		FROM given g JOIN department d ON d.no = g.who AND d.active
		JOIN department_address w ON w.department_no = d.no
		JOIN sums s ON s.department_no = d.no
		WHERE p_kind = 'digest'
		AND s.to_sign + s.due_today + s.due_soon + s.overdue
			+ CASE WHEN p_weekly THEN s.working ELSE 0 END > 0
		UNION ALL
		SELECT g.who, g.message_id, a.email, jsonb_build_object('to_sign', s.to_sign,
			'working', s.working, 'due_today', s.due_today, 'due_soon', s.due_soon,
			'overdue', s.overdue,
			'departments', (SELECT jsonb_agg(jsonb_build_object('department', late.name,
				'overdue', late.overdue, 'due', late.due, 'days', late.days)
				ORDER BY late.overdue DESC, late.due, late.department_no) FROM late),
			'items', (SELECT jsonb_agg(jsonb_build_object('id', x.id, 'department', x.name,
				'due', x.due, 'days', x.days) ORDER BY x.place_of_all)
				FROM x WHERE x.due < today AND x.place_of_all <= 50))
		FROM given g JOIN account a ON a.id = g.who AND a.kind = 'supervisor' AND a.active
			AND a.email IS NOT NULL
		JOIN sums s ON s.department_no IS NULL
		WHERE p_kind = 'notice' AND s.overdue > 0
	), made AS (
		INSERT INTO notice (kind, department_no, account_id, day, facts, created_at)
		SELECT p_kind, CASE WHEN p_kind = 'digest' THEN who END,
			CASE WHEN p_kind = 'notice' THEN who END, today, facts, p_at
		FROM facts
		ON CONFLICT ON CONSTRAINT notice_once DO NOTHING
		RETURNING id, coalesce(department_no, account_id) AS who
	), mailed AS (
		INSERT INTO mailing (kind, notice_id, message_id, recipient, domain, state, created_at)
		SELECT p_kind, made.id, f.message_id, f.email,
			lower(regexp_replace(f.email, '^.*@', '')), 'due', p_at
		FROM made JOIN facts f ON f.who = made.who
		RETURNING id
	), queued AS (
		INSERT INTO dispatch (mailing_id, due_at) SELECT id, p_at FROM mailed
	), told AS (
		INSERT INTO event (at, role, noun, noun_id, verb, to_state)
		SELECT p_at, caller(), 'notice', id, 'make', 'due' FROM made
	)
	SELECT count(*) INTO n FROM made;
	IF n > 0 THEN
		PERFORM pg_notify('@office@', 'send');
	END IF;
	RETURN n;
END $$;

-- Messages.

-- Stores a message unless its bytes are known, and its place with it. The bytes go in as pieces
-- first (message_piece_add); p_size and p_sha256 speak of all of them. Returns {"id", "new"}.
CREATE FUNCTION message_add(p_sha256 bytea, p_size bigint, p_channel text, p_account_name text,
	p_mailbox text, p_uidvalidity bigint, p_uid text, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_id bigint;
	is_new boolean := true;
BEGIN
	INSERT INTO message (sha256, size, channel, received_at, state)
	VALUES (p_sha256, p_size, p_channel, p_at, 'stored')
	ON CONFLICT (sha256) DO NOTHING RETURNING id INTO the_id;
	IF the_id IS NULL THEN
		is_new := false;
		SELECT id INTO the_id FROM message WHERE sha256 = p_sha256;
	END IF;
	INSERT INTO message_place VALUES (p_account_name, p_mailbox, p_uidvalidity, p_uid, the_id, p_at)
	ON CONFLICT DO NOTHING;
	IF is_new THEN
		INSERT INTO event (at, role, noun, noun_id, verb, to_state, text_hash)
		VALUES (p_at, caller(), 'message', the_id, 'store', 'stored', p_sha256);
	END IF;
	RETURN jsonb_build_object('id', the_id, 'new', is_new);
END $$;

-- A read message becomes an answer to a letter. p_own: the writer's own words; p_ratings:
-- [{"department": "d12", "grade": 0..5}]; p_disclosure may be NULL (leaves it as it is); p_written:
-- when it was written, as far as known: what was written before closing is not late because a
-- mailbox was read after it. p_account NULL when the system matched it. Returns the answer's id.
CREATE FUNCTION message_file(p_message bigint, p_letter bigint, p_own text, p_ratings jsonb,
	p_disclosure text, p_written timestamptz, p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	m            message;
	r            round;
	came         timestamptz;
	is_late      boolean;
	the_response bigint;
	the_answer   bigint;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO m FROM message WHERE id = p_message FOR UPDATE;
	IF NOT FOUND OR m.state NOT IN ('stored', 'waiting', 'broken') THEN
		RAISE EXCEPTION 'message % cannot be filed: it is %', p_message, coalesce(m.state, 'unknown')
			USING ERRCODE = 'PY001';
	END IF;
	SELECT round.* INTO r FROM round JOIN letter ON letter.round_id = round.id
	WHERE letter.id = p_letter;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'no letter %', p_letter USING ERRCODE = 'PY002';
	END IF;
	came := CASE WHEN p_written BETWEEN r.released_at AND m.received_at THEN p_written
		ELSE m.received_at END;
	is_late := came > r.closed_at IS TRUE OR office_day(came) > r.closes;
	INSERT INTO response (letter_id, round_id, first_at, last_at, late, disclosure)
	VALUES (p_letter, r.id, came, came, is_late, coalesce(p_disclosure, 'hidden'))
	ON CONFLICT (letter_id) DO UPDATE SET
		first_at = least(response.first_at, EXCLUDED.first_at),
		last_at = greatest(response.last_at, EXCLUDED.last_at),
		late = response.late AND EXCLUDED.late,
		disclosure = coalesce(p_disclosure, response.disclosure)
	RETURNING id INTO the_response;
	INSERT INTO answer (response_id, message_id, at, own, late)
	VALUES (the_response, p_message, came, p_own, is_late) RETURNING id INTO the_answer;
	INSERT INTO rating (response_id, department_no, grade, answer_id)
	SELECT the_response, d.no, g.grade, the_answer
	FROM jsonb_to_recordset(coalesce(p_ratings, '[]')) AS g(department text, grade smallint)
	JOIN department d ON d.code = g.department
	ON CONFLICT (response_id, department_no) DO UPDATE
		SET grade = EXCLUDED.grade, answer_id = EXCLUDED.answer_id;
	UPDATE message SET state = 'filed', letter_id = p_letter, problem = NULL, review_due = NULL,
		worker = NULL, lease_until = NULL WHERE id = p_message;
	PERFORM event_add('message', p_message, 'file', m.state, 'filed', p_account, p_at);
	PERFORM event_add('letter', p_letter, 'answer', NULL, 'answered', p_account, p_at, p_own);
	RETURN the_answer;
END $$;

-- A message that is no answer (bounce, receipt, auto-reply …), or one that a person sets aside, or
-- one that waits for a person: p_state is noted, set aside, waiting or broken. A message that waits
-- gets the review clock. A bounce of a letter (p_bounced) changes the letter and the ledger.
CREATE FUNCTION message_note(p_message bigint, p_state text, p_problem text, p_letter bigint,
	p_bounced boolean, p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	m            message;
	the_mailing  bigint;
	the_try      integer;
	the_event    bigint;
	bounce_code  integer;
	bounce_words text;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO m FROM message WHERE id = p_message FOR UPDATE;
	IF NOT FOUND OR m.state NOT IN ('stored', 'waiting', 'broken') THEN
		RAISE EXCEPTION 'message % cannot become %: it is %', p_message, p_state,
			coalesce(m.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	UPDATE message SET state = p_state, problem = p_problem, letter_id = p_letter,
		worker = NULL, lease_until = NULL,
		review_due = CASE WHEN p_state IN ('waiting', 'broken') THEN
			coalesce(m.review_due, workday_add(office_day(p_at), 3)) END
	WHERE id = p_message;
	PERFORM event_add('message', p_message, 'note', m.state, p_state, p_account, p_at);
	IF p_bounced AND p_letter IS NOT NULL THEN
		-- what the other side said, without the address that it may quote
		SELECT substring(d.record->'bounces'->0->>'code' FROM '^[245][0-9]{2}$')::integer,
			left(regexp_replace(regexp_replace(d.record->'bounces'->0->>'words', '^[245][0-9]{2}[ -]', ''),
				'<?[^ <>@]+@[^ <>@]+>?', '<…>', 'g'), 1000)
		INTO bounce_code, bounce_words FROM reading d WHERE d.message_id = p_message;
		the_event := nextval('event_id_seq');
		UPDATE mailing SET state = 'bounced', tries = tries + 1, code = bounce_code,
			words = coalesce(p_problem, bounce_words)
		WHERE letter_id = p_letter AND kind = 'first' AND state IN ('sent', 'doubtful')
		RETURNING id, tries INTO the_mailing, the_try;
		IF FOUND THEN
			DELETE FROM dispatch WHERE mailing_id = the_mailing AND sender_id IS NULL;
			INSERT INTO attempt (mailing_id, number, at, event_id, outcome, code, words)
			VALUES (the_mailing, the_try, p_at, the_event, 'bounced', bounce_code,
				coalesce(p_problem, bounce_words));
			INSERT INTO event (id, at, account_id, role, noun, noun_id, verb, to_state, text_hash)
			VALUES (the_event, p_at, p_account, caller(), 'letter', p_letter, 'bounce', 'bounced',
				attempt_digest(the_event));
		END IF;
	END IF;
END $$;

-- Opinions.

-- The opinions of an answer, as the classifier found them: [{"seq", "text", "kind", "state"
-- (review, sorted or recorded), "why", "explained", "departments": [{"no", "lead", "score"}]}].
-- Returns how many; an answer that was sorted before gives 0 and changes nothing.
CREATE FUNCTION answer_sort(p_answer bigint, p_opinions jsonb, p_lexicon text, p_at timestamptz)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	a     answer;
	r     round;
	o     jsonb;
	o_id  bigint;
	n     integer := 0;
BEGIN
	SELECT * INTO a FROM answer WHERE id = p_answer FOR UPDATE;
	IF NOT FOUND OR a.sorted_at IS NOT NULL THEN
		RETURN 0;
	END IF;
	SELECT round.* INTO r FROM round JOIN response ON response.round_id = round.id
	WHERE response.id = a.response_id;
	FOR o IN SELECT jsonb_array_elements(p_opinions) LOOP
		INSERT INTO opinion (answer_id, round_id, seq, text, kind, state, why, explained, lexicon,
			review_due, created_at, ended_at)
		VALUES (p_answer, r.id, (o->>'seq')::integer, o->>'text', o->>'kind', o->>'state',
			o->>'why', coalesce(o->'explained', '{}'), p_lexicon,
			CASE WHEN o->>'state' <> 'recorded' THEN
				workday_add(office_day(p_at), r.review_days) END,
			p_at, CASE WHEN o->>'state' = 'recorded' THEN p_at END)
		RETURNING id INTO o_id;
		INSERT INTO opinion_department (opinion_id, department_no, lead, score)
		SELECT o_id, d.no, d.lead, d.score
		FROM jsonb_to_recordset(coalesce(o->'departments', '[]'))
			AS d(no integer, lead boolean, score double precision);
		PERFORM event_add('opinion', o_id, 'sort', NULL, o->>'state', NULL, p_at, o->>'text');
		n := n + 1;
	END LOOP;
	UPDATE answer SET sorted_at = p_at, worker = NULL, lease_until = NULL WHERE id = p_answer;
	RETURN n;
END $$;

-- A person says whose it is: [{"no", "lead"}]; the kind may be corrected too (NULL leaves it).
CREATE FUNCTION opinion_assign(p_opinion bigint, p_kind text, p_departments jsonb, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was text;
BEGIN
	PERFORM actor_check(p_account);
	SELECT state INTO was FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR was NOT IN ('review', 'sorted') THEN
		RAISE EXCEPTION 'opinion % cannot be assigned: it is %', p_opinion, coalesce(was, 'unknown')
			USING ERRCODE = 'PY001';
	END IF;
	IF jsonb_array_length(p_departments) = 0 THEN
		RAISE EXCEPTION 'no department named' USING ERRCODE = 'PY002';
	END IF;
	DELETE FROM opinion_department WHERE opinion_id = p_opinion;
	INSERT INTO opinion_department (opinion_id, department_no, lead, score, by_account)
	SELECT p_opinion, d.no, coalesce(d.lead, false), 1, p_account
	FROM jsonb_to_recordset(p_departments) AS d(no integer, lead boolean);
	UPDATE opinion SET state = 'sorted', why = NULL, kind = coalesce(p_kind, kind)
	WHERE id = p_opinion;
	PERFORM event_add('opinion', p_opinion, 'assign', was, 'sorted', p_account, p_at);
END $$;

-- Ends an opinion that no department gets: recorded (praise, blank) or merged into another.
CREATE FUNCTION opinion_record(p_opinion bigint, p_merged_into bigint, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was text;
	target text := CASE WHEN p_merged_into IS NULL THEN 'recorded' ELSE 'merged' END;
BEGIN
	PERFORM actor_check(p_account);
	SELECT state INTO was FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR was NOT IN ('review', 'sorted') OR p_merged_into = p_opinion THEN
		RAISE EXCEPTION 'opinion % cannot become %: it is %', p_opinion, target,
			coalesce(was, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	UPDATE opinion SET state = target, merged_into = p_merged_into, review_due = NULL,
		ended_at = p_at WHERE id = p_opinion;
	PERFORM event_add('opinion', p_opinion, 'record', was, target, p_account, p_at);
END $$;

-- The reply to an opinion that has ended, and the mail that carries it (where the enterprise has an
-- address). Internal: the callers have checked.
CREATE FUNCTION reply_make(p_opinion bigint, p_text text, p_message_id text, p_account bigint,
	p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_letter bigint;
	address    text;
	new_id     bigint;
BEGIN
	SELECT response.letter_id, contact.email INTO the_letter, address
	FROM opinion JOIN answer ON answer.id = opinion.answer_id
	JOIN response ON response.id = answer.response_id
	JOIN letter ON letter.id = response.letter_id
	LEFT JOIN contact ON contact.enterprise_id = letter.enterprise_id AND contact.is_letter
	WHERE opinion.id = p_opinion;
	INSERT INTO reply (opinion_id, letter_id, text, created_at)
	VALUES (p_opinion, the_letter, p_text, p_at) RETURNING id INTO new_id;
	IF address IS NOT NULL THEN
		WITH mailed AS (
			INSERT INTO mailing (kind, letter_id, reply_id, message_id, recipient, domain, state,
				created_at)
			VALUES ('reply', the_letter, new_id, p_message_id, address,
				lower(regexp_replace(address, '^.*@', '')), 'due', p_at)
			RETURNING id
		)
		INSERT INTO dispatch (mailing_id, due_at) SELECT id, p_at FROM mailed;
		PERFORM pg_notify('@office@', 'send');
	END IF;
	PERFORM event_add('reply', new_id, 'make', NULL, 'due', p_account, p_at, p_text);
	RETURN new_id;
END $$;

-- Not ours (不予受理), or not to be forwarded: with the reason, which the enterprise is told.
CREATE FUNCTION opinion_decline(p_opinion bigint, p_why text, p_message_id text, p_account bigint,
	p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was text;
BEGIN
	PERFORM actor_check(p_account);
	SELECT state INTO was FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR was NOT IN ('review', 'sorted') THEN
		RAISE EXCEPTION 'opinion % cannot be declined: it is %', p_opinion, coalesce(was, 'unknown')
			USING ERRCODE = 'PY001';
	END IF;
	IF coalesce(p_why, '') = '' THEN
		RAISE EXCEPTION 'a reason is needed' USING ERRCODE = 'PY002';
	END IF;
	UPDATE opinion SET state = 'declined', why = p_why, review_due = NULL, ended_at = p_at
	WHERE id = p_opinion;
	PERFORM event_add('opinion', p_opinion, 'decline', was, 'declined', p_account, p_at, p_why);
	RETURN reply_make(p_opinion, p_why, p_message_id, p_account, p_at);
END $$;

-- Rectifications.

-- The masked copy for one department, which a person confirms with rectification_hand.
CREATE FUNCTION rectification_draft(p_opinion bigint, p_department integer, p_lead boolean,
	p_masked text, p_replaced jsonb, p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o      opinion;
	new_id bigint;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO o FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR o.state NOT IN ('sorted', 'handed') THEN
		RAISE EXCEPTION 'opinion % cannot be handed over: it is %', p_opinion,
			coalesce(o.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	INSERT INTO rectification (opinion_id, round_id, department_no, lead, masked, state)
	VALUES (p_opinion, o.round_id, p_department, p_lead, p_masked, 'draft')
	ON CONFLICT (opinion_id, department_no) DO NOTHING RETURNING id INTO new_id;
	IF new_id IS NULL THEN
		SELECT id INTO new_id FROM rectification
		WHERE opinion_id = p_opinion AND department_no = p_department AND state = 'draft';
		IF new_id IS NULL THEN
			RAISE EXCEPTION 'opinion % has been handed to department %', p_opinion, p_department
				USING ERRCODE = 'PY001';
		END IF;
		UPDATE rectification SET masked = p_masked, lead = p_lead WHERE id = new_id;
	END IF;
	INSERT INTO rectification_mask VALUES (new_id, p_replaced)
	ON CONFLICT (rectification_id) DO UPDATE SET replaced = EXCLUDED.replaced;
	PERFORM event_add('rectification', new_id, 'draft', NULL, 'draft', p_account, p_at, p_masked);
	RETURN new_id;
END $$;

-- Hands over a confirmed masked copy (p_masked: as the person left it). The clocks start.
CREATE FUNCTION rectification_hand(p_rectification bigint, p_masked text, p_account bigint,
	p_at timestamptz) RETURNS date
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	x      rectification;
	r      round;
	until  date;
	was    text;
BEGIN
	PERFORM actor_check(p_account);
	IF caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff hand over' USING ERRCODE = '42501';
	END IF;
	SELECT * INTO x FROM rectification WHERE id = p_rectification FOR UPDATE;
	IF NOT FOUND OR x.state <> 'draft' THEN
		RAISE EXCEPTION 'rectification % cannot be handed over: it is %', p_rectification,
			coalesce(x.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	SELECT * INTO r FROM round WHERE id = x.round_id;
	until := workday_add(office_day(p_at), r.answer_days);
	UPDATE rectification SET state = 'handed', masked = p_masked, handed_at = p_at,
		sign_due = workday_add(office_day(p_at), r.sign_days), due = until, original_due = until,
		provisional = NOT (SELECT published FROM calendar WHERE day = until)
	WHERE id = p_rectification;
	SELECT state INTO was FROM opinion WHERE id = x.opinion_id FOR UPDATE;
	UPDATE opinion SET state = 'handed', review_due = NULL WHERE id = x.opinion_id;
	PERFORM event_add('rectification', p_rectification, 'hand', 'draft', 'handed', p_account, p_at,
		p_masked);
	IF was <> 'handed' THEN
		PERFORM event_add('opinion', x.opinion_id, 'hand', was, 'handed', p_account, p_at);
	END IF;
	RETURN until;
END $$;

-- One step of a rectification: p_from lists the states it may be in, p_kind who may do it.
-- Internal. Returns the row as it was.
CREATE FUNCTION rectification_step(p_rectification bigint, p_verb text, p_from text[], p_to text,
	p_department boolean, p_account bigint, p_at timestamptz, p_text text) RETURNS rectification
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	x   rectification;
	who text := caller();
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO x FROM rectification WHERE id = p_rectification FOR UPDATE;
	IF NOT FOUND OR (who ~ '^d[0-9]+$' AND (x.department_no <> substr(who, 2)::integer
					       OR x.state = 'draft')) THEN
		RAISE EXCEPTION 'no rectification %', p_rectification USING ERRCODE = '42501';
	END IF;
	IF who <> 'admin' AND (who ~ '^d[0-9]+$') <> p_department THEN
		RAISE EXCEPTION '% may not %', who, p_verb USING ERRCODE = '42501';
	END IF;
	IF NOT x.state = ANY (p_from) THEN
		RAISE EXCEPTION 'rectification % is %: it cannot become %', p_rectification, x.state, p_to
			USING ERRCODE = 'PY001';
	END IF;
	UPDATE rectification SET state = p_to WHERE id = p_rectification;
	PERFORM event_add('rectification', p_rectification, p_verb, x.state, p_to, p_account, p_at,
		p_text);
	RETURN x;
END $$;

-- The department signs for it (签收).
CREATE FUNCTION rectification_sign(p_rectification bigint, p_account bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM rectification_step(p_rectification, 'sign', ARRAY['handed'], 'signed', true, p_account,
		p_at, NULL);
	UPDATE rectification SET signed_at = p_at WHERE id = p_rectification;
END $$;

-- The department answers (部门答复).
CREATE FUNCTION rectification_answer(p_rectification bigint, p_answer text, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF btrim(coalesce(p_answer, ''), E' \t\r\n') = '' THEN
		RAISE EXCEPTION 'the answer is empty' USING ERRCODE = 'PY002';
	END IF;
	PERFORM rectification_step(p_rectification, 'answer', ARRAY['signed', 'returned'], 'answered',
		true, p_account, p_at, p_answer);
	UPDATE rectification SET answer = p_answer, answered_at = p_at, returned_why = NULL
	WHERE id = p_rectification;
END $$;

-- Staff send an answer back to be done again (退回重办); the clock runs on.
CREATE FUNCTION rectification_return(p_rectification bigint, p_why text, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF btrim(coalesce(p_why, ''), E' \t\r\n') = '' THEN
		RAISE EXCEPTION 'a reason is needed' USING ERRCODE = 'PY002';
	END IF;
	PERFORM rectification_step(p_rectification, 'return', ARRAY['answered'], 'returned', false,
		p_account, p_at, p_why);
	UPDATE rectification SET returned_why = p_why WHERE id = p_rectification;
END $$;

-- Staff approve an answer (审核).
CREATE FUNCTION rectification_approve(p_rectification bigint, p_account bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM rectification_step(p_rectification, 'approve', ARRAY['answered'], 'approved', false,
		p_account, p_at, NULL);
	UPDATE rectification SET approved_at = p_at WHERE id = p_rectification;
END $$;

-- Staff close it (销号). With its last open rectification the opinion is closed, and its reply is
-- made from the departments' answers. Returns the reply's id, NULL while others are open.
CREATE FUNCTION rectification_close(p_rectification bigint, p_message_id text, p_account bigint,
	p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	x    rectification;
	said text;
BEGIN
	x := rectification_step(p_rectification, 'close', ARRAY['approved'], 'closed', false, p_account,
		p_at, NULL);
	UPDATE rectification SET closed_at = p_at WHERE id = p_rectification;
	PERFORM 1 FROM opinion WHERE id = x.opinion_id FOR UPDATE;
	IF EXISTS (SELECT FROM rectification
		   WHERE opinion_id = x.opinion_id AND state NOT IN ('closed', 'draft')) THEN
		RETURN NULL;
	END IF;
	DELETE FROM rectification_mask WHERE rectification_id IN
		(SELECT id FROM rectification WHERE opinion_id = x.opinion_id AND state = 'draft');
	DELETE FROM rectification WHERE opinion_id = x.opinion_id AND state = 'draft';
	SELECT string_agg(d.name || '：' || y.answer, E'\n' ORDER BY y.lead DESC, y.department_no)
	INTO said FROM rectification y JOIN department d ON d.no = y.department_no
	WHERE y.opinion_id = x.opinion_id;
	UPDATE opinion SET state = 'closed', ended_at = p_at WHERE id = x.opinion_id;
	PERFORM event_add('opinion', x.opinion_id, 'close', 'handed', 'closed', p_account, p_at);
	RETURN reply_make(x.opinion_id, said, p_message_id, p_account, p_at);
END $$;

-- The enterprise's private link. p_secret is the keyed hash of the secret; a wrong, revoked or
-- outlived one gives NULL, and nothing tells which.

CREATE FUNCTION link_letter(p_secret bytea, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT letter.id FROM letter JOIN round ON round.id = letter.round_id
		WHERE letter.secret_hash = p_secret AND NOT letter.revoked
		AND round.state IN ('released', 'closed') AND office_day(p_at) <= round.keep_until);
END $$;

-- What the page shows: the round, the questionnaire, and what became of each opinion.
CREATE FUNCTION link_show(p_secret bytea, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_letter bigint := link_letter(p_secret, p_at);
BEGIN
	RETURN (SELECT jsonb_build_object(
			'number', l.number, 'enterprise', e.name, 'language', r.language,
			'round', jsonb_build_object('title', r.title, 'opens', r.opens, 'closes', r.closes,
				'open', r.state = 'released' AND office_day(p_at) <= r.closes,
				'keep_until', r.keep_until),
			'questionnaire', r.questionnaire,
			'departments', (SELECT jsonb_agg(jsonb_build_object('code', d.code, 'name', d.name)
				ORDER BY d.no) FROM department d WHERE d.active),
			'answers', coalesce((SELECT jsonb_agg(jsonb_build_object('at', a.at, 'own', a.own)
					ORDER BY a.at, a.id)
				FROM answer a JOIN response s ON s.id = a.response_id
				WHERE s.letter_id = l.id), '[]'),
			'pending', (SELECT count(*) FROM message m
				WHERE m.letter_id = l.id AND m.channel = 'form' AND m.state = 'stored'),
			'opinions', coalesce((SELECT jsonb_agg(jsonb_build_object(
					'text', o.text, 'kind', o.kind, 'state', o.state, 'at', o.created_at,
					'departments', coalesce((SELECT jsonb_agg(jsonb_build_object('name', d.name,
							'state', x.state, 'due', x.due, 'closed_at', x.closed_at)
						ORDER BY x.lead DESC, d.no)
						FROM rectification x JOIN department d ON d.no = x.department_no
						WHERE x.opinion_id = o.id AND x.state <> 'draft'), '[]'),
					'reply', (SELECT jsonb_build_object('id', y.id, 'text', y.text,
							'at', y.created_at, 'grade', y.grade)
						FROM reply y WHERE y.opinion_id = o.id))
					ORDER BY a.at, a.id, o.seq)
				FROM opinion o JOIN answer a ON a.id = o.answer_id
				JOIN response s ON s.id = a.response_id WHERE s.letter_id = l.id), '[]'))
		FROM letter l JOIN round r ON r.id = l.round_id JOIN enterprise e ON e.id = l.enterprise_id
		WHERE l.id = the_letter);
END $$;

-- Takes what was filled in as a message like any other (at most 1 MB). Returns its id, NULL when
-- the link opens nothing. The same bytes again change nothing.
CREATE FUNCTION link_submit(p_secret bytea, p_raw bytea, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_letter bigint := link_letter(p_secret, p_at);
	hash       bytea := sha256(p_raw);
	added      jsonb;
BEGIN
	IF the_letter IS NULL THEN
		RETURN NULL;
	END IF;
	IF length(p_raw) > 1048576 THEN
		RAISE EXCEPTION 'the answer is too long' USING ERRCODE = 'PY002';
	END IF;
	added := message_add(hash, length(p_raw), 'form', 'link', the_letter::text, 0,
		encode(hash, 'hex'), p_at);
	IF (added->>'new')::boolean THEN
		INSERT INTO message_piece VALUES ((added->>'id')::bigint, 0, p_raw);
		UPDATE message SET letter_id = the_letter WHERE id = (added->>'id')::bigint;
		PERFORM pg_notify('@office@', 'collect');
	END IF;
	RETURN (added->>'id')::bigint;
END $$;

-- The enterprise grades a reply (5 非常满意 … 1 非常不满意). FALSE when it is not its own.
CREATE FUNCTION link_grade(p_secret bytea, p_reply bigint, p_grade integer, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_letter bigint := link_letter(p_secret, p_at);
BEGIN
	UPDATE reply SET grade = p_grade, graded_at = p_at
	WHERE id = p_reply AND letter_id = the_letter;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	INSERT INTO event (at, role, noun, noun_id, verb, to_state)
	VALUES (p_at, caller(), 'reply', p_reply, 'grade', p_grade::text);
	RETURN true;
END $$;

-- "Unsubscribe": no more reminders to the letter's enterprise.
CREATE FUNCTION letter_silence(p_letter bigint, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	UPDATE enterprise SET silent = true
	WHERE id = (SELECT enterprise_id FROM letter WHERE id = p_letter);
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	INSERT INTO event (at, role, noun, noun_id, verb)
	VALUES (p_at, caller(), 'letter', p_letter, 'silence');
	RETURN true;
END $$;

-- The same by the link; FALSE when it opens nothing.
CREATE FUNCTION link_silence(p_secret bytea, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN letter_silence(link_letter(p_secret, p_at), p_at);
END $$;

-- Seals.

-- One event as the bytes that its seal covers.
CREATE FUNCTION event_bytes(e event) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
BEGIN
	RETURN convert_to(concat_ws('|', e.id, extract(epoch FROM e.at)::text, e.account_id, e.role,
		e.noun, e.noun_id, e.verb, coalesce(e.from_state, '-'), coalesce(e.to_state, '-'),
		coalesce(encode(e.text_hash, 'hex'), '-')), 'UTF8');
END $$;

-- Links the committed events that no seal covers into the next seal; NULL when there is none.
CREATE FUNCTION seal_add(p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	last   seal;
	this   bigint;
	n      bigint;
	digest bytea;
BEGIN
	SELECT * INTO last FROM seal ORDER BY number DESC LIMIT 1 FOR UPDATE;
	this := coalesce(last.number, 0) + 1;
	INSERT INTO seal VALUES (this, p_at, 0, coalesce(last.hash, '\x'), '\x');
	INSERT INTO seal_event (event_id, seal_number)
	SELECT e.id, this FROM event e
	WHERE NOT EXISTS (SELECT FROM seal_event s WHERE s.event_id = e.id);
	GET DIAGNOSTICS n = ROW_COUNT;
	IF n = 0 THEN
		DELETE FROM seal WHERE number = this;
		RETURN NULL;
	END IF;
	digest := seal_digest(this);
	UPDATE seal SET events = n, hash = digest WHERE number = this;
	RETURN this;
END $$;

-- The hash that seal `p_number` must have: over the one before and its events, by their ids.
CREATE FUNCTION seal_digest(p_number bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT sha256(s.previous || coalesce((SELECT string_agg(sha256(event_bytes(e)), ''::bytea
			ORDER BY e.id) FROM event e JOIN seal_event c ON c.event_id = e.id
			WHERE c.seal_number = p_number), ''))
		FROM seal s WHERE s.number = p_number);
END $$;
