-- Versions of what sorts opinions: as 050_office_functions.sql says.

-- Who may change what sorts opinions.
CREATE FUNCTION lexicon_actor_check(p_account bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM actor_check(p_account);
	IF caller() NOT IN ('staff', 'admin') THEN
		RAISE EXCEPTION 'only staff change the lexicon' USING ERRCODE = '42501';
	END IF;
END $$;

-- A new version. One that is there with the same text stays as it is. Returns whether it is new.
CREATE FUNCTION lexicon_put(p_version text, p_text text, p_account bigint, p_at timestamptz)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	PERFORM lexicon_actor_check(p_account);
	INSERT INTO lexicon (version, text, hash, built_in, account_id, at)
	VALUES (p_version, p_text, sha256(convert_to(p_text, 'UTF8')), false, p_account, p_at)
	ON CONFLICT (version) DO NOTHING RETURNING id INTO new_id;
	IF new_id IS NULL THEN
		IF (SELECT text FROM lexicon WHERE version = p_version) <> p_text THEN
			RAISE EXCEPTION 'this version is there with other words' USING ERRCODE = 'PY002';
		END IF;
		RETURN false;
	END IF;
	PERFORM event_add('lexicon', new_id, 'import', NULL, NULL, p_account, p_at, p_text);
	RETURN true;
END $$;

-- The program's own decides: it is kept once, so that what it decided can be explained when a newer
-- program has come. Returns what opinions call it: its version, with a piece of its hash behind
-- where that version was other words before.
CREATE FUNCTION lexicon_keep(p_version text, p_text text, p_at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	digest bytea := sha256(convert_to(p_text, 'UTF8'));
	name   text := p_version;
	kept   text;
BEGIN
	LOOP
		SELECT version INTO kept FROM lexicon WHERE hash = digest ORDER BY version LIMIT 1;
		IF FOUND THEN
			RETURN kept;
		END IF;
		INSERT INTO lexicon (version, text, hash, built_in, at)
		VALUES (name, p_text, digest, true, p_at) ON CONFLICT (version) DO NOTHING;
		IF FOUND THEN
			RETURN name;
		END IF;
		name := p_version || '+' || left(encode(digest, 'hex'), 8);
	END LOOP;
END $$;

-- From now on this version decides; NULL: the program's own. Decisions that were made stay.
CREATE FUNCTION lexicon_use(p_version text, p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was bigint;
	new_id bigint;
BEGIN
	PERFORM lexicon_actor_check(p_account);
	IF p_version IS NOT NULL THEN
		SELECT id INTO new_id FROM lexicon WHERE version = p_version;
		IF NOT FOUND THEN
			RAISE EXCEPTION 'no lexicon of this version' USING ERRCODE = 'PY002';
		END IF;
	END IF;
	UPDATE lexicon SET in_use = false WHERE in_use RETURNING id INTO was;
	UPDATE lexicon SET in_use = true WHERE id = new_id;
	PERFORM event_add('lexicon', coalesce(new_id, 0), 'use', was::text, new_id::text, p_account,
		p_at);
END $$;

-- A layer that was learnt. Returns its version.
CREATE FUNCTION learnt_put(p_bytes bytea, p_figures jsonb, p_account bigint, p_at timestamptz)
RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	PERFORM actor_check(p_account);
	INSERT INTO learnt (bytes, figures, account_id, at)
	VALUES (p_bytes, p_figures, p_account, p_at) RETURNING id INTO new_id;
	PERFORM event_add('learnt', new_id, 'put', NULL, NULL, p_account, p_at,
		encode(p_bytes, 'base64'));
	RETURN new_id;
END $$;

-- From now on this version decides beside the lexicon; NULL: none does.
CREATE FUNCTION learnt_use(p_version bigint, p_account bigint, p_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	was bigint;
BEGIN
	PERFORM actor_check(p_account);
	IF p_version IS NOT NULL AND NOT EXISTS (SELECT FROM learnt WHERE id = p_version) THEN
		RAISE EXCEPTION 'no learnt layer of this version' USING ERRCODE = 'PY002';
	END IF;
	UPDATE learnt SET in_use = false WHERE in_use RETURNING id INTO was;
	UPDATE learnt SET in_use = true WHERE id = p_version;
	PERFORM event_add('learnt', coalesce(p_version, 0), 'use', was::text, p_version::text,
		p_account, p_at);
END $$;
