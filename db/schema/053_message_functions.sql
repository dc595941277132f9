-- State changes of messages: as 050_office_functions.sql says.

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

-- A message whose bytes come one after another is begun with a stand-in, so that its pieces have whom to
-- belong to before its hash is known; only message_end, in the same transaction, makes it a message.
CREATE FUNCTION message_begin(p_channel text, p_at timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS $$
	INSERT INTO message (id, sha256, size, channel, received_at, state)
	SELECT n, convert_to('begun ' || n, 'UTF8'), 0, p_channel, p_at, 'stored'
	FROM nextval('message_id_seq') AS n RETURNING id
$$;

-- Ends it: the pieces become those of the message, or go where its bytes are known. Returns what
-- message_add returns.
CREATE FUNCTION message_end(p_begun bigint, p_sha256 bytea, p_size bigint, p_channel text,
	p_account_name text, p_mailbox text, p_uidvalidity bigint, p_uid text, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	added jsonb := message_add(p_sha256, p_size, p_channel, p_account_name, p_mailbox, p_uidvalidity, p_uid,
		p_at);
BEGIN
	IF (added->>'new')::boolean THEN
		UPDATE message_piece SET message_id = (added->>'id')::bigint WHERE message_id = p_begun;
	ELSE
		DELETE FROM message_piece WHERE message_id = p_begun;
	END IF;
	DELETE FROM message WHERE id = p_begun AND sha256 = convert_to('begun ' || p_begun, 'UTF8');
	IF NOT FOUND THEN
		RAISE EXCEPTION 'message % was not begun', p_begun USING ERRCODE = 'PY001';
	END IF;
	RETURN added;
END $$;

-- What a person brings in by hand (a file, the note of a call) belongs to the letter that he names. The
-- bytes are stored as those of any message; known ones that wait, or that nobody could read, are read
-- again for that letter. p_channel is file or staff; p_found: the file's path, or what the note is of
-- (phone, visit, post). Returns {"id", "done"}; done: they are an answer to that letter already.
CREATE FUNCTION message_hand(p_raw bytea, p_channel text, p_found text, p_uid text, p_letter bigint,
	p_account bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	piece  constant integer := 1048576;
	added  jsonb;
	the_id bigint;
	m      message;
BEGIN
	PERFORM actor_check(p_account);
	added := message_add(sha256(p_raw), length(p_raw), p_channel, 'hand', p_found, 0, p_uid, p_at);
	the_id := (added->>'id')::bigint;
	IF (added->>'new')::boolean THEN
		INSERT INTO message_piece
		SELECT the_id, seq, substring(p_raw FROM seq * piece + 1 FOR piece)
		FROM generate_series(0, greatest(0, (length(p_raw) - 1) / piece)) AS seq;
	END IF;
	SELECT * INTO m FROM message WHERE id = the_id FOR UPDATE;
	IF (m.state = 'filed' OR m.same_as IS NOT NULL) AND m.letter_id = p_letter THEN
		RETURN jsonb_build_object('id', the_id, 'done', true);
	END IF;
	IF m.state NOT IN ('stored', 'waiting', 'broken') THEN
		RAISE EXCEPTION 'message % holds the same bytes, and is % already', the_id, m.state
			USING ERRCODE = 'PY001';
	END IF;
	UPDATE message SET letter_id = p_letter, state = 'stored', problem = NULL, review_due = NULL,
		worker = NULL, lease_until = NULL WHERE id = the_id;
	PERFORM event_add('message', the_id, 'hand', m.state, 'stored', p_account, p_at);
	PERFORM pg_notify('@office@', 'collect');
	RETURN jsonb_build_object('id', the_id, 'done', false);
END $$;

-- The same for many messages of one mailbox, each of one piece: p_bytes holds all, one behind the
-- other, p_sizes says how long each is. Returns how many were new.
CREATE FUNCTION messages_add(p_channel text, p_account_name text, p_mailbox text, p_uidvalidity bigint,
	p_uids text[], p_sizes integer[], p_bytes bytea, p_at timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	who        text := caller();
	starts     integer[];
	hashes     bytea[];
	ids        bigint[]; -- of all, in their order
	new_ids    bigint[];
	new_hashes bytea[];
BEGIN
	SELECT array_agg(g.start ORDER BY g.seq),
		array_agg(sha256(substr(p_bytes, g.start, g.size)) ORDER BY g.seq) INTO starts, hashes
	FROM (SELECT s.seq, s.size, (1 + sum(s.size) OVER (ORDER BY s.seq) - s.size)::integer AS start
		FROM unnest(p_sizes) WITH ORDINALITY AS s(size, seq)) AS g;
	WITH added AS (
		INSERT INTO message (sha256, size, channel, received_at, state)
		SELECT g.hash, g.size, p_channel, p_at, 'stored' FROM unnest(hashes, p_sizes) AS g(hash, size)
		ON CONFLICT (sha256) DO NOTHING RETURNING id, sha256
	)
	SELECT coalesce(array_agg(id), '{}'), coalesce(array_agg(sha256), '{}') INTO new_ids, new_hashes
	FROM added;
	IF new_hashes = hashes THEN -- as nearly always; looking them up takes longer
		ids := new_ids;
	ELSE
		SELECT array_agg(m.id ORDER BY g.seq) INTO ids
		FROM unnest(hashes) WITH ORDINALITY AS g(hash, seq) JOIN message m ON m.sha256 = g.hash;
	END IF;
	-- known bytes have their piece already
	INSERT INTO message_piece (message_id, seq, bytes)
	SELECT g.id, 0, substr(p_bytes, g.start, g.size) FROM unnest(ids, starts, p_sizes) AS g(id, start, size)
	ON CONFLICT DO NOTHING;
	INSERT INTO message_place
	SELECT p_account_name, p_mailbox, p_uidvalidity, g.uid, g.id, p_at FROM unnest(p_uids, ids) AS g(uid, id)
	ON CONFLICT DO NOTHING;
	INSERT INTO event (at, role, noun, noun_id, verb, to_state, text_hash)
	SELECT p_at, who, 'message', n.id, 'store', 'stored', n.hash
	FROM unnest(new_ids, new_hashes) AS n(id, hash);
	RETURN cardinality(new_ids);
END $$;

-- One mail that reached several mailboxes is one answer: of messages that would be answers to these
-- letters, those are noted, and linked to the answer, that have its Message-ID, its sender and its words,
-- and the same form and files. p_filed: they are being filed, so that of several copies among them the
-- first is the answer. Returns an array of those.
CREATE FUNCTION messages_twice(p_messages bigint[], p_letters bigint[], p_owns text[], p_filed boolean,
	p_account bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	twice     bigint[];
	originals bigint[];
BEGIN
	PERFORM actor_check(p_account);
	SELECT array_agg(g.message), array_agg(x.original) INTO twice, originals
	FROM unnest(p_messages, p_letters, p_owns) WITH ORDINALITY AS g(message, letter, own, n)
	JOIN reading r ON r.message_id = g.message,
	-- few have the same Message-ID, but for what strangers do; records, which may be large, are looked at last
	LATERAL (SELECT o.message_id AS original
		FROM (SELECT d.message_id, d.record, array_position(p_messages, d.message_id) AS n FROM reading d
			WHERE d.header_id = r.header_id AND d.from_address IS NOT DISTINCT FROM r.from_address
				AND d.message_id <> g.message LIMIT 100) o
		LEFT JOIN answer a ON a.message_id = o.message_id LEFT JOIN response s ON s.id = a.response_id
		WHERE CASE WHEN p_filed AND o.n < g.n THEN p_letters[o.n] = g.letter AND p_owns[o.n] = g.own
				WHEN NOT p_filed OR o.n IS NULL THEN s.letter_id = g.letter AND a.own = g.own END
			AND o.record->'form' IS NOT DISTINCT FROM r.record->'form'
			AND o.record->'attachments' IS NOT DISTINCT FROM r.record->'attachments'
		ORDER BY o.n NULLS FIRST, o.message_id LIMIT 1) x;
	IF twice IS NULL THEN
		RETURN '[]';
	END IF;
	INSERT INTO event (at, account_id, role, noun, noun_id, verb, from_state, to_state)
	SELECT p_at, p_account, caller(), 'message', m.id, 'note', m.state, 'noted'
	FROM message m WHERE m.id = ANY (twice) ORDER BY m.id;
	UPDATE message m SET state = 'noted', problem = NULL, review_due = NULL, worker = NULL,
		lease_until = NULL, letter_id = g.letter, same_as = t.original
	FROM unnest(twice, originals) AS t(message, original)
	JOIN unnest(p_messages, p_letters) AS g(message, letter) ON g.message = t.message
	WHERE m.id = t.message;
	RETURN to_jsonb(twice);
END $$;

-- Read messages become answers to letters; the arrays tell of each message, in the same order: p_owns, the
-- writer's own words; p_ratings, JSON: [{"department": "d12", "grade": 0..5}]; p_disclosures, NULL leaves
-- it as it is; p_written, when it was written, as far as known: what was written before closing is not
-- late because a mailbox was read after it. Which of two answers is filed first is chance: the one that
-- was written later counts. p_account NULL when the system matched them. Returns an array of the messages
-- that messages_twice has noted instead.
CREATE FUNCTION messages_file(p_messages bigint[], p_letters bigint[], p_owns text[], p_ratings text[],
	p_disclosures text[], p_written timestamptz[], p_account bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	who   text := caller();
	zone  text := office_zone();
	times timestamptz[]; -- when each was written, or came
	lates boolean[];
	twice jsonb;
	bad   record;
BEGIN
	PERFORM actor_check(p_account);
	PERFORM FROM message WHERE id = ANY (p_messages) ORDER BY id FOR UPDATE;
	SELECT g.id, m.state INTO bad FROM unnest(p_messages) AS g(id) LEFT JOIN message m ON m.id = g.id
	WHERE m.state IS NULL OR m.state NOT IN ('stored', 'waiting', 'broken') LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'message % cannot be filed: it is %', bad.id, coalesce(bad.state, 'unknown')
			USING ERRCODE = 'PY001';
	END IF;
	SELECT g.id INTO bad FROM unnest(p_letters) AS g(id) LEFT JOIN letter l ON l.id = g.id
	WHERE l.id IS NULL LIMIT 1;
	IF FOUND THEN
		RAISE EXCEPTION 'no letter %', bad.id USING ERRCODE = 'PY002';
	END IF;
	SELECT array_agg(c.came ORDER BY g.n), array_agg(c.came > r.closed_at IS TRUE
		OR (c.came AT TIME ZONE zone)::date > r.closes ORDER BY g.n) INTO times, lates
	FROM unnest(p_messages, p_letters, p_written) WITH ORDINALITY AS g(message, letter, written, n)
	JOIN message m ON m.id = g.message
	JOIN letter l ON l.id = g.letter JOIN round r ON r.id = l.round_id,
	LATERAL (SELECT CASE WHEN g.written BETWEEN r.released_at AND m.received_at THEN g.written
		ELSE m.received_at END AS came) c;
	INSERT INTO response (letter_id, round_id, first_at, last_at, late)
	SELECT g.letter, l.round_id, min(g.came), max(g.came), bool_and(g.late)
	FROM unnest(p_letters, times, lates) AS g(letter, came, late) JOIN letter l ON l.id = g.letter
	GROUP BY g.letter, l.round_id ORDER BY g.letter
	ON CONFLICT (letter_id) DO UPDATE SET
		first_at = least(response.first_at, EXCLUDED.first_at),
		last_at = greatest(response.last_at, EXCLUDED.last_at),
		late = response.late AND EXCLUDED.late;
	-- the responses are locked now: of two collectors, the second one sees what the first has filed
	twice := messages_twice(p_messages, p_letters, p_owns, true, p_account, p_at);
	INSERT INTO answer (response_id, message_id, at, own, late)
	SELECT s.id, g.message, g.came, g.own, g.late
	FROM unnest(p_messages, p_letters, p_owns, times, lates) AS g(message, letter, own, came, late)
	JOIN response s ON s.letter_id = g.letter WHERE NOT twice @> to_jsonb(g.message)
	ORDER BY g.message;
	UPDATE response s SET disclosure = d.disclosure FROM (
		SELECT DISTINCT ON (a.response_id) a.response_id, a.at, g.disclosure
		FROM unnest(p_messages, p_disclosures) AS g(message, disclosure)
		JOIN answer a ON a.message_id = g.message WHERE g.disclosure IS NOT NULL
		ORDER BY a.response_id, a.at DESC, a.id DESC
	) d WHERE s.id = d.response_id AND NOT EXISTS (SELECT FROM answer later
		WHERE later.response_id = s.id AND later.at > d.at AND later.message_id <> ALL (p_messages));
	INSERT INTO rating (response_id, department_no, grade, answer_id)
	SELECT DISTINCT ON (a.response_id, d.no) a.response_id, d.no, x.grade, a.id
	FROM unnest(p_messages, p_ratings) AS g(message, ratings)
	JOIN answer a ON a.message_id = g.message,
	jsonb_to_recordset(g.ratings::jsonb) AS x(department text, grade smallint)
	JOIN department d ON d.code = x.department
	WHERE g.ratings <> '[]'
	ORDER BY a.response_id, d.no, a.at DESC, a.id DESC
	ON CONFLICT (response_id, department_no) DO UPDATE
		SET grade = EXCLUDED.grade, answer_id = EXCLUDED.answer_id
		WHERE (SELECT at FROM answer WHERE id = rating.answer_id) <=
			(SELECT at FROM answer WHERE id = EXCLUDED.answer_id);
	INSERT INTO event (at, account_id, role, noun, noun_id, verb, from_state, to_state, text_hash)
	SELECT p_at, p_account, who, e.* FROM unnest(p_messages, p_letters, p_owns)
		WITH ORDINALITY AS g(message, letter, own, n)
	JOIN message m ON m.id = g.message AND m.state <> 'noted',
	LATERAL (VALUES ('message', g.message, 'file', m.state, 'filed', NULL),
		('letter', g.letter, 'answer', NULL, 'answered', sha256(convert_to(g.own, 'UTF8')))) AS e
	ORDER BY g.n;
	UPDATE message m SET state = 'filed', letter_id = g.letter, problem = NULL, review_due = NULL,
		worker = NULL, lease_until = NULL
	FROM unnest(p_messages, p_letters) AS g(message, letter) WHERE m.id = g.message AND m.state <> 'noted';
	RETURN twice;
END $$;

-- A mail came back: p_message, whose reading is stored, says so. p_mailing is that mail; 0: one of
-- p_letter's, whose number is all that is known: then the newest that has left, for most bounces come
-- within a day.
--
-- What waiting does not mend (no such mailbox, a refusal for good) ends the mail: bounced. What may pass
-- ("passes" in its record: mailbox full, too many letters, a 4yz reply) puts it back, as a relay that
-- says the same at once does: deferred, and due the later the more tries it has had, as next_try_s() in
-- mailer/sender_mail.c has it: after the first try half an hour, then two hours, then eight. At most five times, so that a limit of letters a
-- day is over by then; after that it is bounced too. A first letter or reminder that nobody waits for
-- any more (answered, the round has ended) is not put back, and the message alone tells that it came.
--
-- The same bounce fetched twice (by its Message-ID and date) counts once; of a mail that waits for its
-- next try another one that may pass says nothing new. A try that a sender has in hand goes on: how
-- it ends counts, but for a mail that is bounced. Internal.
CREATE FUNCTION mailing_return(p_mailing bigint, p_letter bigint, p_message bigint, p_account bigint,
	p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	put_back_max   constant integer := 5;
	mails          bigint[];
	m              mailing;
	moved_at       timestamptz; -- when it got another address
	the_event      bigint;
	the_state      text;
	passes         boolean;
	said_recipient text;
	said_code      integer;
	said_words     text;
BEGIN
	PERFORM FROM reading d JOIN reading same ON same.header_id = d.header_id AND same.kind = d.kind
		AND same.record->>'date' IS NOT DISTINCT FROM d.record->>'date'
	JOIN message e ON e.id = same.message_id
	WHERE d.message_id = p_message AND e.id <> p_message AND e.state = 'noted'
	AND e.letter_id IS NOT DISTINCT FROM p_letter;
	IF FOUND THEN
		RETURN;
	END IF;
	mails := CASE WHEN p_mailing > 0 THEN ARRAY[p_mailing]
		ELSE ARRAY(SELECT f.id FROM mailing f WHERE f.letter_id = p_letter AND f.kind = 'first'
			UNION ALL SELECT f.id FROM mailing f WHERE f.letter_id = p_letter AND f.kind <> 'first') END;
	-- a relay may be faster than the ledger
	PERFORM journal_post(d.sender_id, 0, NULL, p_at) FROM dispatch d
	WHERE d.mailing_id = ANY (mails) AND d.sender_id IS NOT NULL;
	PERFORM FROM dispatch d WHERE d.mailing_id = ANY (mails) ORDER BY d.mailing_id FOR UPDATE;
	SELECT * INTO m FROM mailing f WHERE f.id = ANY (mails) AND f.state IN ('sent', 'doubtful', 'deferred')
	ORDER BY f.id DESC LIMIT 1 FOR UPDATE;
	IF NOT FOUND THEN
		RETURN;
	END IF;
	-- what the other side said, without the address that it may quote
	SELECT coalesce((b->>'passes')::boolean, false), lower(b->>'recipient'),
		substring(b->>'code' FROM '^[245][0-9]{2}$')::integer,
		left(regexp_replace(regexp_replace(b->>'words', '^[245][0-9]{2}[ -]', ''),
			'<?[^ <>@]+@[^ <>@]+>?', '<…>', 'g'), 1000)
	INTO passes, said_recipient, said_code, said_words
	FROM reading d, jsonb_array_elements(d.record->'bounces') WITH ORDINALITY AS x(b, place)
	WHERE d.message_id = p_message AND b->>'action' = 'failed'
	ORDER BY lower(b->>'recipient') = lower(m.recipient) DESC NULLS LAST, 1, place LIMIT 1;
	SELECT max(e.at) INTO moved_at FROM event e
	WHERE e.noun = 'mailing' AND e.noun_id = m.id AND e.verb = 'readdress';
	-- of an address that it has left; another one may be where the present one forwards to
	IF said_recipient <> lower(m.recipient) AND EXISTS (SELECT FROM event e WHERE e.noun = 'mailing'
			AND e.noun_id = m.id AND e.verb = 'readdress'
			AND e.text_hash = sha256(convert_to(said_recipient, 'UTF8'))) THEN
		RETURN;
	END IF;
	IF passes AND (m.state = 'deferred' OR (m.kind IN ('first', 'reminder') AND NOT EXISTS (SELECT
			FROM letter l JOIN round r ON r.id = l.round_id
			WHERE l.id = m.letter_id AND NOT l.revoked AND r.state = 'released'
			AND office_day(p_at) <= r.closes
			AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)))) THEN
		RETURN;
	END IF;
	the_state := CASE WHEN passes AND (SELECT count(*) FROM attempt t WHERE t.mailing_id = m.id
			AND t.outcome = 'put back' AND t.at >= coalesce(moved_at, t.at)) < put_back_max
		THEN 'deferred' ELSE 'bounced' END;
	UPDATE mailing SET state = the_state, tries = m.tries + 1, code = said_code, words = said_words
	WHERE id = m.id;
	IF the_state = 'bounced' THEN
		DELETE FROM dispatch WHERE mailing_id = m.id AND sender_id IS NULL;
	ELSIF m.state = 'sent' THEN
		INSERT INTO dispatch (mailing_id, due_at, tried_at)
		VALUES (m.id, p_at + interval '15 minutes' * 2 ^ least(m.tries, 5), p_at);
	ELSE -- it has its row
		UPDATE dispatch SET due_at = p_at + interval '15 minutes' * 2 ^ least(m.tries, 5)
		WHERE mailing_id = m.id AND sender_id IS NULL;
	END IF;
	the_event := nextval('event_id_seq');
	INSERT INTO attempt (mailing_id, number, at, event_id, outcome, code, words)
	VALUES (m.id, m.tries + 1, p_at, the_event, CASE the_state WHEN 'deferred' THEN 'put back' ELSE 'bounced' END,
		said_code, said_words);
	INSERT INTO event (id, at, account_id, role, noun, noun_id, verb, to_state, text_hash)
	VALUES (the_event, p_at, p_account, caller(), CASE WHEN m.letter_id IS NULL THEN 'notice' ELSE 'letter' END,
		coalesce(m.letter_id, m.notice_id), 'bounce', the_state, attempt_digest(the_event));
	IF the_state = 'bounced' THEN -- its address may have been corrected already
		PERFORM letters_anew(l.enterprise_id, p_account, p_at) FROM letter l WHERE l.id = m.letter_id;
	END IF;
END $$;

-- A message that is no answer (bounce, receipt, auto-reply …), or one that a person sets aside, or
-- one that waits for a person: p_state is noted, set aside, waiting or broken. A message that waits
-- gets the review clock. p_mailing: the mail that it says came back, as mailing_return has it; NULL:
-- it says no such thing.
CREATE FUNCTION message_note(p_message bigint, p_state text, p_problem text, p_letter bigint,
	p_mailing bigint, p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	m message;
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
	IF p_mailing IS NOT NULL THEN
		PERFORM mailing_return(p_mailing, p_letter, p_message, p_account, p_at);
	END IF;
END $$;

-- The files of a message at any depth, as its reading has them (collector/read.h tells their shape and how
-- many there can be). One array by one path: jsonb_path_query() gives rows, in quadratic time.
CREATE FUNCTION reading_files(p_record jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
BEGIN
	RETURN jsonb_path_query_array(p_record->'attachments', 'strict $.** ? (exists (@.sha256))');
END $$;

-- Which letters a message that waits may belong to, at most three, the likeliest first: [{"number",
-- "enterprise", "round", "why": [words, "clue …"]}]. Beside the clues that matching found it goes by what
-- proves nothing: an address at the same domain (where at most three enterprises have one, for others
-- are providers), a credit code (GB 32100-2015) or a whole name in what was written or attached. A
-- person decides.
CREATE FUNCTION message_proposals(p_message bigint) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	the_record jsonb;
	the_clues  jsonb;
	domain     text;
	said       text;
BEGIN
	SELECT d.record, d.clues, lower(split_part(d.from_address, '@', 2)),
		left(concat_ws(' ', d.record->'from'->0->>'name', d.record->>'subject', d.record->>'own',
			(SELECT string_agg(concat_ws(' ', a->>'name', a->>'text'), ' ')
				FROM jsonb_array_elements(reading_files(d.record)) a)), 20000)
	INTO the_record, the_clues, domain, said FROM reading d WHERE d.message_id = p_message;
	RETURN (WITH named AS (
			-- every name ends with one of these words and begins at most 40 characters before
			SELECT DISTINCT right(m[1], size) AS name
			FROM (SELECT regexp_matches(said, '([^[:space:]，。；：、,;:<>“”"]{1,40}?(?:公司|厂|店|中心|集团|商行|合作社|事务所|医院|学校))', 'g') AS m LIMIT 50) found,
			generate_series(4, 44) AS size WHERE size <= length(m[1])
		), likely AS (
			SELECT e.id, 'clue domain' AS why, 2 AS weight FROM enterprise e
			WHERE domain <> '' AND e.id IN (SELECT c.enterprise_id FROM contact c
				WHERE lower(split_part(c.email, '@', 2)) = domain)
			AND (SELECT count(*) FROM (SELECT DISTINCT c.enterprise_id FROM contact c
				WHERE lower(split_part(c.email, '@', 2)) = domain LIMIT 4) few) <= 3
			UNION ALL SELECT e.id, 'clue credit code', 4 FROM enterprise e
			WHERE e.credit_code IN (SELECT (regexp_matches(upper(said), '[0-9A-HJ-NPQRTUWXY]{18}', 'g'))[1])
			UNION ALL SELECT e.id, 'clue name', 3 FROM enterprise e
			WHERE e.name IN (SELECT name FROM named)
		), pointed AS (
			SELECT (c->>'letter')::bigint AS letter_id, 'clue ' || (c->>'clue') AS why, CASE c->>'clue'
				WHEN 'recipient' THEN 5 WHEN 'references' THEN 4 WHEN 'original' THEN 4 ELSE 3 END AS weight
			FROM jsonb_array_elements(the_clues) c
			UNION SELECT (SELECT l.id FROM letter l JOIN round r ON r.id = l.round_id
				WHERE l.enterprise_id = y.id AND r.state IN ('released', 'closed')
				ORDER BY r.state = 'released' DESC, r.released_at DESC LIMIT 1), y.why, y.weight FROM likely y
		), ranked AS (
			SELECT p.letter_id, sum(p.weight) AS weight, jsonb_agg(p.why ORDER BY p.weight DESC, p.why) AS why
			FROM pointed p WHERE p.letter_id IS NOT NULL GROUP BY p.letter_id
			ORDER BY weight DESC, p.letter_id LIMIT 3
		)
		SELECT coalesce(jsonb_agg(jsonb_build_object('number', l.number, 'enterprise', e.name,
			'round', r.code, 'why', k.why) ORDER BY k.weight DESC, k.letter_id), '[]')
		FROM ranked k JOIN letter l ON l.id = k.letter_id JOIN enterprise e ON e.id = l.enterprise_id
		JOIN round r ON r.id = l.round_id);
END $$;
