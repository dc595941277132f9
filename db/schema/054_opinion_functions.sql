-- State changes of opinions and what departments do about them: as 050_office_functions.sql says.

-- The opinions of answers, as the classifier found them; of each answer, in the same order, p_opinions has
-- as JSON: [{"seq", "text", "kind", "state" (review, sorted or recorded), "why", "explained",
-- "departments": [{"no", "lead", "score"}]}]. An answer that was sorted before is left as it is.
CREATE FUNCTION answers_sort(p_answers bigint[], p_opinions text[], p_lexicon text, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	who   text := caller();
	today date := office_day(p_at);
	fresh bigint[] := ARRAY(SELECT id FROM answer WHERE id = ANY (p_answers) AND sorted_at IS NULL
		ORDER BY id FOR UPDATE);
BEGIN
	WITH given AS MATERIALIZED (
		SELECT a.id AS answer_id, s.round_id, r.review_days, o.*
		FROM unnest(p_answers, p_opinions) AS g(answer_id, opinions)
		JOIN answer a ON a.id = g.answer_id JOIN response s ON s.id = a.response_id
		JOIN round r ON r.id = s.round_id,
		jsonb_to_recordset(g.opinions::jsonb) AS o(seq integer, text text, kind text, state text,
			why text, explained jsonb, departments jsonb)
		WHERE a.id = ANY (fresh)
	), due AS MATERIALIZED (
		SELECT d.review_days, workday_add(today, d.review_days) AS day
		FROM (SELECT DISTINCT review_days FROM given WHERE state <> 'recorded') d
	), added AS (
		INSERT INTO opinion (answer_id, round_id, seq, text, kind, state, why, explained, lexicon,
			review_due, due, created_at, ended_at)
		SELECT g.answer_id, g.round_id, g.seq, g.text, g.kind, g.state, g.why,
			coalesce(g.explained, '{}'), p_lexicon, CASE WHEN g.state <> 'recorded' THEN due.day END,
			CASE WHEN g.state <> 'recorded' THEN due.day ELSE 'infinity' END, p_at, CASE WHEN g.state = 'recorded' THEN p_at END
		FROM given g LEFT JOIN due USING (review_days) ORDER BY g.answer_id, g.seq
		RETURNING id, answer_id, seq, state, due, text
	), placed AS (
		INSERT INTO opinion_department (opinion_id, department_no, lead, score, state, due)
		SELECT o.id, d.no, d.lead, d.score, o.state, o.due FROM added o JOIN given g USING (answer_id, seq),
		jsonb_to_recordset(coalesce(g.departments, '[]')) AS d(no integer, lead boolean,
			score double precision)
	)
	INSERT INTO event (at, role, noun, noun_id, verb, to_state, text_hash)
	SELECT p_at, who, 'opinion', id, 'sort', state, sha256(convert_to(text, 'UTF8')) FROM added ORDER BY id;
	UPDATE answer SET sorted_at = p_at, worker = NULL, lease_until = NULL WHERE id = ANY (fresh);
	PERFORM tally_sorted(fresh);
END $$;

-- The departments of an opinion: the leading one first, then by score.
CREATE FUNCTION opinion_department_nos(p_opinion bigint) RETURNS integer[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT coalesce(array_agg(department_no ORDER BY lead DESC, score DESC, department_no),
		'{}') FROM opinion_department WHERE opinion_id = p_opinion);
END $$;

-- Keeps what a person decided otherwise than it stood (o, p_from), or where the classifier had asked.
-- Internal: the callers have checked.
CREATE FUNCTION correction_add(o opinion, p_from integer[], p_kind text, p_to integer[],
	p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	IF o.state = 'review' OR o.kind IS DISTINCT FROM p_kind OR p_from[1] IS DISTINCT FROM p_to[1]
	   OR NOT (p_from @> p_to AND p_to @> p_from) THEN
		INSERT INTO correction (opinion_id, text_hash, lexicon, asked, from_kind, to_kind,
			from_departments, to_departments, account_id, at)
		VALUES (o.id, sha256(convert_to(o.text, 'UTF8')), o.lexicon, o.state = 'review', o.kind,
			p_kind, p_from, p_to, p_account, p_at);
	END IF;
END $$;

-- Internal: drafts for others than p_keep are dropped, for these departments no longer get the opinion.
CREATE FUNCTION rectification_undraft(p_opinion bigint, p_keep integer[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	gone bigint[] := ARRAY(SELECT id FROM rectification WHERE opinion_id = p_opinion
		AND state = 'draft' AND NOT department_no = ANY (p_keep));
BEGIN
	DELETE FROM rectification_mask WHERE rectification_id = ANY (gone);
	DELETE FROM rectification WHERE id = ANY (gone);
END $$;

-- A person says whose it is: [{"no", "lead"}]; the kind may be corrected too (NULL leaves it).
CREATE FUNCTION opinion_assign(p_opinion bigint, p_kind text, p_departments jsonb, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o      opinion;
	before integer[];
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO o FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR o.state NOT IN ('review', 'sorted') THEN
		RAISE EXCEPTION 'opinion % cannot be assigned: it is %', p_opinion,
			coalesce(o.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	IF jsonb_array_length(p_departments) = 0 THEN
		RAISE EXCEPTION 'no department named' USING ERRCODE = 'PY002';
	END IF;
	before := opinion_department_nos(p_opinion);
	PERFORM tally_place(p_opinion, o.round_id, -1);
	DELETE FROM opinion_department WHERE opinion_id = p_opinion;
	INSERT INTO opinion_department (opinion_id, department_no, lead, score, by_account, state, due)
	SELECT p_opinion, d.no, coalesce(d.lead, false), 1, p_account, o.state, o.due
	FROM jsonb_to_recordset(p_departments) AS d(no integer, lead boolean);
	PERFORM tally_place(p_opinion, o.round_id, 1);
	UPDATE opinion SET state = 'sorted', why = NULL, kind = coalesce(p_kind, kind)
	WHERE id = p_opinion;
	PERFORM rectification_undraft(p_opinion, opinion_department_nos(p_opinion));
	UPDATE rectification x SET lead = q.lead FROM opinion_department q WHERE x.opinion_id = p_opinion
	AND x.state = 'draft' AND q.opinion_id = p_opinion AND q.department_no = x.department_no;
	PERFORM opinion_relist(o);
	PERFORM correction_add(o, before, coalesce(p_kind, o.kind), opinion_department_nos(p_opinion),
		p_account, p_at);
	PERFORM event_add('opinion', p_opinion, 'assign', o.state, 'sorted', p_account, p_at);
END $$;

-- Ends an opinion that no department gets: recorded (praise, blank) or merged into another.
CREATE FUNCTION opinion_record(p_opinion bigint, p_merged_into bigint, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o      opinion;
	target text := CASE WHEN p_merged_into IS NULL THEN 'recorded' ELSE 'merged' END;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO o FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR o.state NOT IN ('review', 'sorted') OR p_merged_into = p_opinion THEN
		RAISE EXCEPTION 'opinion % cannot become %: it is %', p_opinion, target,
			coalesce(o.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	IF p_merged_into IS NULL THEN
		PERFORM correction_add(o, opinion_department_nos(p_opinion), NULL, '{}', p_account, p_at);
	END IF;
	PERFORM rectification_undraft(p_opinion, '{}');
	UPDATE opinion SET state = target, merged_into = p_merged_into, review_due = NULL,
		ended_at = p_at WHERE id = p_opinion;
	PERFORM opinion_relist(o);
	PERFORM event_add('opinion', p_opinion, 'record', o.state, target, p_account, p_at);
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
	o opinion;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO o FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR o.state NOT IN ('review', 'sorted') THEN
		RAISE EXCEPTION 'opinion % cannot be declined: it is %', p_opinion,
			coalesce(o.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	IF coalesce(p_why, '') = '' THEN
		RAISE EXCEPTION 'a reason is needed' USING ERRCODE = 'PY002';
	END IF;
	-- of the other kinds the classifier had said so
	IF o.kind IN ('opinion', 'suggestion') THEN
		PERFORM correction_add(o, opinion_department_nos(p_opinion), NULL, '{}', p_account, p_at);
	END IF;
	PERFORM rectification_undraft(p_opinion, '{}');
	UPDATE opinion SET state = 'declined', why = p_why, review_due = NULL, ended_at = p_at
	WHERE id = p_opinion;
	PERFORM opinion_relist(o);
	PERFORM event_add('opinion', p_opinion, 'decline', o.state, 'declined', p_account, p_at, p_why);
	RETURN reply_make(p_opinion, p_why, p_message_id, p_account, p_at);
END $$;

-- Rectifications.

-- The masked copy for one department, which a person confirms with rectification_hand.
CREATE FUNCTION rectification_draft(p_opinion bigint, p_department integer, p_masked text,
	p_replaced jsonb, p_account bigint, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	o      opinion;
	leads  boolean;
	new_id bigint;
BEGIN
	PERFORM actor_check(p_account);
	SELECT * INTO o FROM opinion WHERE id = p_opinion FOR UPDATE;
	IF NOT FOUND OR o.state NOT IN ('sorted', 'handed') THEN
		RAISE EXCEPTION 'opinion % cannot be handed over: it is %', p_opinion,
			coalesce(o.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	-- who asks may have seen the departments before somebody else assigned it anew
	SELECT lead INTO leads FROM opinion_department
	WHERE opinion_id = p_opinion AND department_no = p_department;
	IF NOT FOUND THEN
		RAISE EXCEPTION 'opinion % does not concern department % any more', p_opinion, p_department
			USING ERRCODE = 'PY001';
	END IF;
	INSERT INTO rectification (opinion_id, round_id, department_no, lead, masked, state)
	VALUES (p_opinion, o.round_id, p_department, leads, p_masked, 'draft')
	ON CONFLICT (opinion_id, department_no) DO NOTHING RETURNING id INTO new_id;
	IF new_id IS NULL THEN
		SELECT id INTO new_id FROM rectification
		WHERE opinion_id = p_opinion AND department_no = p_department AND state = 'draft';
		IF new_id IS NULL THEN
			RAISE EXCEPTION 'opinion % has been handed to department %', p_opinion, p_department
				USING ERRCODE = 'PY001';
		END IF;
		UPDATE rectification SET masked = p_masked, lead = leads WHERE id = new_id;
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
	o      opinion;
	until  date;
BEGIN
	PERFORM actor_check(p_account);
	IF caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff hand over' USING ERRCODE = '42501';
	END IF;
	-- the opinion first, as everywhere, so that two steps wait for one another and never both
	SELECT y.* INTO o FROM opinion y JOIN rectification z ON z.opinion_id = y.id
	WHERE z.id = p_rectification FOR UPDATE OF y;
	SELECT * INTO x FROM rectification WHERE id = p_rectification FOR UPDATE;
	IF NOT FOUND OR x.state <> 'draft' THEN
		RAISE EXCEPTION 'rectification % cannot be handed over: it is %', p_rectification,
			coalesce(x.state, 'unknown') USING ERRCODE = 'PY001';
	END IF;
	IF o.state NOT IN ('sorted', 'handed') THEN
		RAISE EXCEPTION 'opinion % cannot be handed over: it is %', o.id, o.state
			USING ERRCODE = 'PY001';
	END IF;
	SELECT * INTO r FROM round WHERE id = x.round_id;
	until := workday_add(office_day(p_at), r.answer_days);
	UPDATE rectification SET state = 'handed', masked = p_masked, handed_at = p_at,
		sign_due = workday_add(office_day(p_at), r.sign_days), due = until, original_due = until,
		provisional = NOT (SELECT published FROM calendar WHERE day = until)
	WHERE id = p_rectification RETURNING * INTO x;
	PERFORM tally_item(x, NULL, 'handed');
	UPDATE opinion SET state = 'handed', review_due = NULL WHERE id = x.opinion_id;
	PERFORM opinion_relist(o);
	PERFORM event_add('rectification', p_rectification, 'hand', 'draft', 'handed', p_account, p_at,
		p_masked);
	IF o.state <> 'handed' THEN
		PERFORM event_add('opinion', x.opinion_id, 'hand', o.state, 'handed', p_account, p_at);
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
	o   opinion;
	who text := caller();
BEGIN
	PERFORM actor_check(p_account);
	SELECT y.* INTO o FROM opinion y JOIN rectification z ON z.opinion_id = y.id
	WHERE z.id = p_rectification FOR UPDATE OF y; -- first, as above
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
	PERFORM tally_item(x, x.state, p_to);
	PERFORM opinion_relist(o);
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
	o    opinion;
	said text;
BEGIN
	x := rectification_step(p_rectification, 'close', ARRAY['approved'], 'closed', false, p_account,
		p_at, NULL);
	UPDATE rectification SET closed_at = p_at WHERE id = p_rectification;
	SELECT * INTO o FROM opinion WHERE id = x.opinion_id; -- which is locked
	IF EXISTS (SELECT FROM rectification
		   WHERE opinion_id = x.opinion_id AND state NOT IN ('closed', 'draft')) THEN
		RETURN NULL;
	END IF;
	PERFORM rectification_undraft(x.opinion_id, '{}');
	SELECT string_agg(d.name || '：' || y.answer, E'\n' ORDER BY y.lead DESC, y.department_no)
	INTO said FROM rectification y JOIN department d ON d.no = y.department_no
	WHERE y.opinion_id = x.opinion_id;
	UPDATE opinion SET state = 'closed', ended_at = p_at WHERE id = x.opinion_id;
	PERFORM opinion_relist(o);
	PERFORM event_add('opinion', x.opinion_id, 'close', 'handed', 'closed', p_account, p_at);
	RETURN reply_make(x.opinion_id, said, p_message_id, p_account, p_at);
END $$;
