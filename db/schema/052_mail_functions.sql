-- State changes of mail: as 050_office_functions.sql says.

-- What the event of a commit seals: all tries that were recorded with it.
CREATE FUNCTION attempt_digest(p_event bigint) RETURNS bytea
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT sha256(convert_to(string_agg(concat_ws('|', mailing_id, number,
			extract(epoch FROM at), coalesce(sender_id, 0), outcome,
			coalesce(code, 0), coalesce(words, '')), E'\n' ORDER BY mailing_id), 'UTF8'))
		FROM attempt WHERE event_id = p_event);
END $$;

-- How a try ended, for what counts refusals: who is given up after having been put off until the last
-- day was not refused for good, whatever the server's last words.
CREATE FUNCTION attempt_tells(p_try attempt) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN CASE WHEN p_try.outcome = 'failed' AND (p_try.code BETWEEN 400 AND 499
			OR EXISTS (SELECT FROM attempt before WHERE before.mailing_id = p_try.mailing_id
				AND before.number = p_try.number - 1 AND before.outcome IN ('deferred', 'doubtful', 'put back')
				AND before.code IS NOT DISTINCT FROM p_try.code))
		THEN 'deferred' ELSE p_try.outcome END;
END $$;

-- Enters in the ledger what p_sender has noted, from behind its p_after-th row up to its p_upto-th (0
-- and NULL: all), and takes it out of the journal. What was not tried (an outcome of NULL) is put back;
-- what is tried again is due when the journal says. All tries share one event, whose hash is over them. A
-- mail that came back already stays bounced. What the sender no longer holds is left alone. A letter or
-- reply that failed while its address was being corrected is due again.
CREATE FUNCTION journal_post(p_sender bigint, p_after bigint, p_upto bigint, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_event bigint := nextval('event_id_seq');
	digest    bytea;
	last      bigint;
	lost      bigint[];
BEGIN
	WITH noted AS (
		DELETE FROM journal WHERE sender_id = p_sender AND number > p_after
		AND number <= coalesce(p_upto, 9223372036854775807)
		RETURNING number AS row_number, at, mailings, outcomes, codes, words, next
	), given AS MATERIALIZED (
		SELECT n.at, g.* FROM noted n,
			unnest(n.mailings, n.outcomes, n.codes, n.words, n.next)
				AS g(mailing, outcome, code, words, next)
	), ended AS (
		DELETE FROM dispatch d USING given g
		WHERE d.mailing_id = g.mailing AND d.sender_id = p_sender
		AND g.outcome IN ('sent', 'failed', 'cancelled', 'bounced')
		RETURNING g.at, g.mailing, g.outcome, g.code, g.words
	), kept AS (
		UPDATE dispatch d SET sender_id = NULL, due_at = coalesce(g.next, d.due_at),
			tried_at = coalesce(d.tried_at, CASE WHEN g.outcome IS NOT NULL THEN g.at END) FROM given g
		WHERE d.mailing_id = g.mailing AND d.sender_id = p_sender
		AND g.outcome IN ('sent', 'failed', 'cancelled', 'bounced') IS NOT TRUE
		RETURNING g.at, g.mailing, g.outcome, g.code, g.words
	), done AS (
		UPDATE mailing m SET tries = m.tries + 1,
			doubts = m.doubts + (g.outcome = 'doubtful')::integer,
			state = CASE WHEN m.state = 'bounced' THEN m.state ELSE g.outcome END,
			code = CASE WHEN m.state = 'bounced' THEN m.code ELSE g.code END,
			words = CASE WHEN m.state = 'bounced' THEN m.words ELSE g.words END,
			sent_at = CASE WHEN g.outcome = 'sent' THEN g.at END
		FROM (SELECT * FROM ended UNION ALL SELECT * FROM kept WHERE outcome IS NOT NULL) g
		WHERE m.id = g.mailing
		RETURNING m.id, m.state, m.tries, g.at, g.outcome, g.code, g.words
	), tried AS (
		INSERT INTO attempt (mailing_id, number, at, sender_id, event_id, outcome, code, words)
		SELECT id, tries, at, p_sender, the_event, outcome, code, words FROM done
		RETURNING concat_ws('|', mailing_id, number, extract(epoch FROM at), coalesce(sender_id, 0),
			outcome, coalesce(code, 0), coalesce(words, '')) AS line, mailing_id
	)
	SELECT (SELECT sha256(convert_to(string_agg(line, E'\n' ORDER BY mailing_id), 'UTF8')) FROM tried),
		(SELECT max(row_number) FROM noted), (SELECT array_agg(id) FROM done
			WHERE state IN ('failed', 'bounced'))
	INTO digest, last, lost;
	-- a row whose commit its sender did not hear of is written once, also when it is gone again
	UPDATE sender SET entered = last WHERE id = p_sender AND entered < last;
	IF digest IS NOT NULL THEN
		INSERT INTO event (id, at, role, noun, noun_id, verb, text_hash)
		VALUES (the_event, p_at, caller(), 'sender', p_sender, 'record', digest);
	END IF;
	IF lost IS NOT NULL THEN
		PERFORM letters_anew(l.enterprise_id, NULL, p_at) FROM mailing m JOIN letter l ON l.id = m.letter_id
		JOIN contact c ON c.enterprise_id = l.enterprise_id AND c.is_letter
		WHERE m.id = ANY (lost) AND lower(c.email) <> lower(m.recipient);
	END IF;
END $$;

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
	PERFORM journal_post(p_sender, 0, NULL, p_at);
	the_event := nextval('event_id_seq');
	WITH freed AS (
		UPDATE dispatch SET sender_id = NULL, tried_at = coalesce(tried_at, p_at) WHERE sender_id = p_sender
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
	PERFORM FROM sender WHERE ended_at IS NULL AND (lease_until < p_at OR id = ANY (p_gone));
	IF NOT FOUND THEN
		RETURN 0;
	END IF;
	-- What they are noting now is there before we look, and they note nothing more: journal_note.sql
	-- looks whether its sender has ended, but holds no lock on it. Before any sender is locked, since
	-- a sender at its books holds the journal and asks for itself.
	LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE;
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

-- A sender ends by itself: it has noted everything; what it still holds has not left and is due.
CREATE FUNCTION sender_end(p_sender bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM journal_post(p_sender, 0, NULL, p_at);
	UPDATE dispatch SET sender_id = NULL WHERE sender_id = p_sender;
	UPDATE sender SET ended_at = p_at WHERE id = p_sender AND ended_at IS NULL;
END $$;

-- Lets mails go to the address that their enterprise has now, where that is another one: each is due,
-- at once where it was put off, as if it had not been tried; its Message-ID and the ledger's tries stay.
-- An event tells, with the hash of the address before. Internal. Returns how many that were.
CREATE FUNCTION mailings_move(p_mailings bigint[], p_account bigint, p_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	n integer;
BEGIN
	WITH was AS MATERIALIZED (
		SELECT m.id, m.state, lower(m.recipient) AS old, c.email
		FROM mailing m JOIN letter l ON l.id = m.letter_id
		JOIN contact c ON c.enterprise_id = l.enterprise_id AND c.is_letter
		WHERE m.id = ANY (p_mailings) AND lower(c.email) <> lower(m.recipient)
		ORDER BY m.id FOR UPDATE OF m
	), moved AS (
		UPDATE mailing m SET recipient = was.email, domain = lower(regexp_replace(was.email, '^.*@', '')),
			state = 'due', doubts = 0, code = NULL, words = NULL, sent_at = NULL
		FROM was WHERE m.id = was.id RETURNING m.id
	), queued AS (
		INSERT INTO dispatch (mailing_id, due_at) SELECT id, p_at FROM moved
		ON CONFLICT (mailing_id) DO UPDATE
			SET due_at = least(dispatch.due_at, EXCLUDED.due_at), tried_at = NULL
	), told AS (
		INSERT INTO event (at, account_id, role, noun, noun_id, verb, from_state, to_state, text_hash)
		SELECT p_at, p_account, caller(), 'mailing', id, 'readdress', state, 'due',
			sha256(convert_to(old, 'UTF8')) FROM was
	)
	SELECT count(*) INTO n FROM moved;
	RETURN n;
END $$;

-- What was to go to an enterprise's address before, now that it has another one. What waits to be sent
-- (first letters, reminders, replies) goes there; what a sender has in hand it looks at itself
-- (mailing_readdress). What was refused or came back is due again: a first letter of a round that is
-- open, without an answer, and a reply. Without an address nothing changes, and what is on paper stays so.
-- Internal. Returns {"moved": how many that waited, "again": how many are due again}.
CREATE FUNCTION letters_anew(p_enterprise bigint, p_account bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	address text := (SELECT email FROM contact WHERE enterprise_id = p_enterprise AND is_letter);
	n_moved integer := 0;
	n_again integer := 0;
	stale   bigint[]; -- mails to another address: most enterprises have none
	waiting bigint[];
	lost    bigint[];
BEGIN
	-- each kind by an index of its own
	stale := ARRAY(SELECT m.id FROM letter l JOIN mailing m ON m.letter_id = l.id AND m.kind = 'first'
			WHERE l.enterprise_id = p_enterprise AND lower(m.recipient) <> lower(address)
		UNION ALL SELECT m.id FROM letter l JOIN mailing m ON m.letter_id = l.id AND m.kind <> 'first'
			WHERE l.enterprise_id = p_enterprise AND lower(m.recipient) <> lower(address));
	IF stale <> '{}' THEN
		SELECT array_agg(mailing_id) INTO waiting FROM (SELECT mailing_id FROM dispatch
			WHERE mailing_id = ANY (stale) AND sender_id IS NULL FOR UPDATE SKIP LOCKED) free;
		lost := ARRAY(SELECT m.id FROM mailing m JOIN letter l ON l.id = m.letter_id
			JOIN round r ON r.id = l.round_id
			WHERE m.id = ANY (stale) AND NOT l.revoked AND m.state IN ('failed', 'bounced')
			AND NOT EXISTS (SELECT FROM dispatch q WHERE q.mailing_id = m.id AND q.sender_id IS NOT NULL)
			AND CASE m.kind WHEN 'reply' THEN r.state IN ('released', 'closed')
				WHEN 'first' THEN r.state = 'released' AND office_day(p_at) <= r.closes
				AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)
				ELSE false END);
	END IF;
	IF waiting IS NOT NULL THEN
		n_moved := mailings_move(waiting, p_account, p_at);
	END IF;
	IF lost <> '{}' THEN
		n_again := mailings_move(lost, p_account, p_at);
	END IF;
	IF n_moved + n_again > 0 THEN
		PERFORM pg_notify('@office@', 'send');
	END IF;
	RETURN jsonb_build_object('moved', n_moved, 'again', n_again);
END $$;

-- A mail that p_sender has in hand, and whose enterprise has another address now: the same. FALSE when
-- nothing is to be changed.
CREATE FUNCTION mailing_readdress(p_mailing bigint, p_sender bigint, p_at timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM FROM dispatch WHERE mailing_id = p_mailing AND sender_id = p_sender FOR UPDATE;
	RETURN FOUND AND mailings_move(ARRAY[p_mailing], NULL, p_at) > 0;
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

-- Opens or closes the gate that all mail passes; FALSE when it was so already. Who opens it ends the rest
-- of a relay, too: a person has looked after it.
CREATE FUNCTION send_gate_set(p_open boolean, p_why text, p_account bigint, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was    send_gate;
	rested boolean := false;
BEGIN
	PERFORM actor_check(p_account);
	IF p_open AND caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff let mail leave again' USING ERRCODE = '42501';
	END IF;
	IF p_open THEN
		UPDATE domain_pace SET strikes = 0, hold_until = NULL
		WHERE domain LIKE 'relay %' AND hold_until > p_at;
		rested := FOUND;
	END IF;
	INSERT INTO send_gate (open, changed_at, counted_from) VALUES (true, p_at, '-infinity')
	ON CONFLICT (one) DO NOTHING;
	SELECT * INTO was FROM send_gate FOR UPDATE;
	IF was.open = p_open THEN
		IF rested THEN
			PERFORM pg_notify('@office@', 'send');
		END IF;
		RETURN rested;
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
