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
