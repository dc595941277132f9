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

-- Where the office's clocks are.
CREATE FUNCTION office_zone() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN coalesce((SELECT value FROM setting WHERE name = 'timezone'), 'Asia/Shanghai');
END $$;

-- The office's day at a moment.
CREATE FUNCTION office_day(p_at timestamptz) RETURNS date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (p_at AT TIME ZONE office_zone())::date;
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
