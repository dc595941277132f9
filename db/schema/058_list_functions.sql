-- What lists of opinions go by, kept with each step: order (opinion.due and the copies beside departments)
-- and figures (tally). Those that change something are internal: the callers have checked.

CREATE FUNCTION tally_add(p_noun text, p_round bigint, p_department integer, p_state text, p_due date,
	p_n bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	new_id bigint;
BEGIN
	INSERT INTO tally (noun, round_id, department_no, state, due, n)
	VALUES (p_noun, p_round, p_department, p_state, p_due, p_n) RETURNING id INTO new_id;
	IF new_id % 1000 = 0 THEN
		-- rows that another adds up at the same time, or has not committed, wait for the next time
		WITH gone AS (
			DELETE FROM tally WHERE id IN (SELECT t.id FROM tally t
				JOIN (SELECT noun, round_id, department_no, state, due FROM tally
					GROUP BY noun, round_id, department_no, state, due HAVING count(*) > 1) many
					USING (noun, round_id, department_no, state, due)
				FOR UPDATE OF t SKIP LOCKED)
			RETURNING noun, round_id, department_no, state, due, n
		)
		INSERT INTO tally (noun, round_id, department_no, state, due, n)
		SELECT noun, round_id, department_no, state, due, sum(n) FROM gone
		GROUP BY noun, round_id, department_no, state, due HAVING sum(n) <> 0;
	END IF;
END $$;

-- The opinion under its departments: p_n is 1, or -1 before they are taken away.
CREATE FUNCTION tally_place(p_opinion bigint, p_round bigint, p_n bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM tally_add('placed', p_round, q.department_no, q.state, q.due, p_n)
	FROM opinion_department q WHERE q.opinion_id = p_opinion;
END $$;

-- The opinions of answers that were just sorted.
CREATE FUNCTION tally_sorted(p_answers bigint[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM tally_add('opinion', o.round_id, 0, o.state, o.due, count(*))
	FROM opinion o WHERE o.answer_id = ANY (p_answers) GROUP BY o.round_id, o.state, o.due;
	PERFORM tally_add('placed', o.round_id, q.department_no, q.state, q.due, count(*))
	FROM opinion o JOIN opinion_department q ON q.opinion_id = o.id
	WHERE o.answer_id = ANY (p_answers) GROUP BY o.round_id, q.department_no, q.state, q.due;
END $$;

-- An item has come from one state (NULL: it was a draft) to another.
CREATE FUNCTION tally_item(x rectification, p_from text, p_to text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	PERFORM tally_add('item', x.round_id, x.department_no, s.state,
		CASE WHEN s.state IN ('handed', 'signed', 'returned') THEN x.due ELSE 'infinity' END, s.n)
	FROM (VALUES (p_from, -1), (p_to, 1)) AS s(state, n) WHERE s.state IS NOT NULL;
END $$;

-- After a step of an opinion or one of its items; `o` is its row as it was before, and locked.
CREATE FUNCTION opinion_relist(o opinion) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	is_now opinion;
BEGIN
	UPDATE opinion SET due = coalesce(review_due, (SELECT min(x.due) FROM rectification x
		WHERE x.opinion_id = o.id AND x.state IN ('handed', 'signed', 'returned')), 'infinity')
	WHERE id = o.id RETURNING * INTO is_now;
	IF is_now.state = o.state AND is_now.due = o.due THEN
		RETURN;
	END IF;
	PERFORM tally_add('opinion', o.round_id, 0, o.state, o.due, -1);
	PERFORM tally_add('opinion', o.round_id, 0, is_now.state, is_now.due, 1);
	PERFORM tally_place(o.id, o.round_id, -1);
	UPDATE opinion_department SET state = is_now.state, due = is_now.due WHERE opinion_id = o.id;
	PERFORM tally_place(o.id, o.round_id, 1);
END $$;

-- Opinions in one of p_states, or (p_items) items in one, due until p_until, the most urgent first: from
-- behind p_due and p_id on, at most p_limit; of departments, or NULL: of all (an opinion of several of them is
-- there as often). Ids are of opinions or items.
CREATE FUNCTION opinions_listed(p_items boolean, p_states text[], p_departments integer[], p_until date,
	p_due date, p_id bigint, p_limit integer, OUT dues date[], OUT ids bigint[])
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT
SET plan_cache_mode = force_custom_plan AS $$
BEGIN
	IF p_items THEN
		-- a department's items in a state are in order in one index, all in a state in another
		SELECT array_agg(e.due), array_agg(e.id) INTO dues, ids
		FROM (SELECT l.* FROM unnest(p_states) AS s(state), unnest(p_departments) AS d(no),
				LATERAL (SELECT x.due, x.id FROM rectification x
				WHERE x.state = s.state AND x.department_no = d.no
				AND (x.due, x.id) > (p_due, p_id) AND x.due <= p_until
				ORDER BY x.due, x.id LIMIT p_limit) l
			UNION ALL
			SELECT l.* FROM unnest(p_states) AS s(state), LATERAL (SELECT x.due, x.id
				FROM rectification x WHERE p_departments IS NULL AND x.state = s.state
				AND (x.due, x.id) > (p_due, p_id) AND x.due <= p_until
				ORDER BY x.due, x.id LIMIT p_limit) l
			ORDER BY due, id LIMIT p_limit) e;
	ELSE
		SELECT array_agg(e.due), array_agg(e.id) INTO dues, ids
		FROM (SELECT l.* FROM unnest(p_states) AS s(state), unnest(p_departments) AS d(no),
				LATERAL (SELECT q.due, q.opinion_id AS id FROM opinion_department q
				WHERE q.state = s.state AND q.department_no = d.no
				AND (q.due, q.opinion_id) > (p_due, p_id) AND q.due <= p_until
				ORDER BY q.due, q.opinion_id LIMIT p_limit) l
			UNION ALL
			SELECT l.* FROM unnest(p_states) AS s(state), LATERAL (SELECT o.due, o.id
				FROM opinion o WHERE p_departments IS NULL AND o.state = s.state
				AND (o.due, o.id) > (p_due, p_id) AND o.due <= p_until
				ORDER BY o.due, o.id LIMIT p_limit) l
			ORDER BY due, id LIMIT p_limit) e;
	END IF;
END $$;

-- Where a page of a list ended, as its address says it: days since 2000 ("-": no clock), the id, how many
-- stood up to there; of anything else the place before all.
CREATE FUNCTION list_place(p_text text, OUT due date, OUT id bigint, OUT seen bigint)
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
DECLARE
	part text[] := regexp_match(p_text, '^(-|[0-9]{1,5})[.]([0-9]{1,18})(?:[.]([0-9]{1,9}))?$');
BEGIN
	due := CASE WHEN part IS NULL THEN '-infinity' WHEN part[1] = '-' THEN 'infinity'
		ELSE date '2000-01-01' + part[1]::integer END;
	id := coalesce(part[2]::bigint, 0);
	seen := coalesce(part[3]::bigint, 0);
END $$;

CREATE FUNCTION list_place_text(p_due date, p_id bigint, p_seen bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
BEGIN
	RETURN CASE p_due WHEN 'infinity' THEN '-' ELSE (p_due - date '2000-01-01')::text END
		|| '.' || p_id || '.' || p_seen;
END $$;

-- The departments with nobody who could log in: what is handed to them is seen by nobody.
CREATE FUNCTION departments_unread() RETURNS integer[]
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
BEGIN
	RETURN ARRAY(SELECT d.no FROM department d WHERE NOT EXISTS (SELECT FROM account a
		WHERE a.department_no = d.no AND a.kind = 'department' AND a.active) ORDER BY d.no);
END $$;
