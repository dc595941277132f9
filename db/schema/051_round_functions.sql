-- State changes of enterprises and rounds: as 050_office_functions.sql says.

-- Enterprises.

-- Adds the enterprise of p_row (db/sql/enterprise_put.sql tells its shape) or changes what differs;
-- it is known by its credit code, else by its name. The first contact that has an address gets the
-- letter, without any the first. Letters that were to go to another address, or were lost there, go to
-- this one (letters_anew, also where nothing differs: one may have come back since). Returns {"what":
-- "new" | "changed" | "same", "fields": "…", "moved", "again": how many letters}.
CREATE FUNCTION enterprise_put(p_row jsonb, p_account bigint, p_at timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	e        enterprise;
	changed  text[] := '{}';
	contacts jsonb := coalesce(p_row->'contacts', '[]');
	had      jsonb;
	verb     text;
	letters  jsonb := '{"moved": 0, "again": 0}';
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
	IF verb <> 'new' THEN
		letters := letters_anew(e.id, p_account, p_at);
	END IF;
	RETURN letters || jsonb_build_object('what', verb, 'fields', array_to_string(changed, ', '));
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
