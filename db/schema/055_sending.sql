-- How the sending goes: what `pingyi send --status`, the round's page and its lists show.
--
-- A mail is, at a moment: queued (due), later (due, at a time to come), in_flight (a sender has it in
-- hand), or what its state says. A letter without a first mail is paper. Who answered is counted
-- beside: the answer may have come whatever became of the mail.

-- Figures of rounds that take long to count. Nothing but the time is lost when a row is deleted.
CREATE TABLE send_tally (
	round_id bigint CONSTRAINT send_tally_key PRIMARY KEY
	         CONSTRAINT send_tally_round REFERENCES round,
	at       timestamptz NOT NULL, -- when it was counted
	took_ms  integer NOT NULL,     -- how long that took
	figures  jsonb NOT NULL        -- what send_count gave
);

-- The mails that may be failed, bounced, deferred or doubtful: few, and found without walking over
-- all. The caller looks at the state.
CREATE FUNCTION send_trouble() RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
	RETURN QUERY SELECT a.mailing_id FROM attempt a WHERE a.outcome IN ('failed', 'bounced')
		UNION SELECT q.mailing_id FROM dispatch q WHERE q.tried_at IS NOT NULL;
END $$;

-- What a person finds another address for. First letters of open rounds that were refused or came back
-- and were not answered all the same, and replies, also when the round has ended (who gets one has
-- answered, and waits for it): until another address is there and they have been tried at it, as
-- letters_anew lets them. Reminders likewise, until there is another address: the next one goes there.
CREATE FUNCTION send_anew(p_now timestamptz) RETURNS SETOF bigint
LANGUAGE plpgsql STABLE SET search_path FROM CURRENT AS $$
DECLARE
	today date := office_day(p_now);
BEGIN
	RETURN QUERY SELECT m.id FROM mailing m JOIN letter l ON l.id = m.letter_id
		JOIN round r ON r.id = l.round_id
		LEFT JOIN contact c ON c.enterprise_id = l.enterprise_id AND c.is_letter
		WHERE m.id IN (SELECT send_trouble()) AND NOT l.revoked
		AND (m.state IN ('failed', 'bounced') OR (m.kind <> 'reminder' AND m.state = 'due'
			AND EXISTS (SELECT FROM attempt a WHERE a.mailing_id = m.id
				AND a.outcome IN ('failed', 'bounced'))))
		AND CASE m.kind WHEN 'reply' THEN r.state IN ('released', 'closed')
			ELSE r.state = 'released' AND today <= r.closes
			AND NOT EXISTS (SELECT FROM response s WHERE s.letter_id = l.id)
			AND (m.kind = 'first' OR c.email IS NULL OR lower(c.email) = lower(m.recipient)) END;
END $$;

-- Counts a round's mails. {"letters", "strata", "domains": rows of figures, "kinds": those of
-- reminders and replies, "reasons": what servers said}. A row of figures: {"letters", a count a
-- state, "next": when the first deferred or doubtful one is due, "answered", "in_time", "bar":
-- the letters once more, each in one part}. Of the domains those with most trouble come first, then
-- the largest (one with a single letter tells little); the last row, whose domain is
-- null, sums up the rest. Which are the largest is told
-- by some 20,000 mails, and counted for those alone: a million enterprises have 300,000 domains.
CREATE FUNCTION send_count(p_round bigint, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET work_mem = '64MB' SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	known    real := greatest((SELECT c.reltuples FROM pg_class c WHERE c.oid = 'mailing'::regclass), 1);
	part     real := least(100, 100 * 20000 / known);
	top      text[];
BEGIN
	top := ARRAY(SELECT domain FROM (
			SELECT m.domain, count(*) AS bad, 0 AS size FROM mailing m
			WHERE m.id IN (SELECT send_trouble()) AND m.kind = 'first' AND m.round_id = p_round
			AND m.state IN ('failed', 'bounced', 'deferred', 'doubtful') GROUP BY m.domain
			UNION ALL
			SELECT m.domain, 0, count(*) FROM mailing m TABLESAMPLE SYSTEM (part) REPEATABLE (1)
			WHERE m.kind = 'first' AND m.round_id = p_round GROUP BY m.domain) d
		GROUP BY domain HAVING sum(bad) > 1 OR sum(size) > 1
			OR (part = 100 AND sum(bad) > 0) ORDER BY sum(bad) DESC, sum(size) DESC, domain LIMIT 20);
	-- grouped by what has few values, as the planner can tell: so it hashes instead of sorting
	RETURN (WITH grouped AS MATERIALIZED (
			SELECT m.stratum, t.place, m.state, q.sender_id IS NOT NULL AS held,
				q.due_at > p_now AS later, s.late, count(*) AS n, min(q.due_at) AS next
			FROM mailing m LEFT JOIN dispatch q ON q.mailing_id = m.id
			LEFT JOIN unnest(top) WITH ORDINALITY AS t(domain, place) ON t.domain = m.domain
			LEFT JOIN response s ON s.letter_id = m.letter_id
			WHERE m.kind = 'first' AND m.round_id = p_round GROUP BY 1, 2, 3, 4, 5, 6
		), on_paper AS (
			SELECT e.stratum, s.late, count(*) AS n
			FROM letter l JOIN enterprise e ON e.id = l.enterprise_id
			LEFT JOIN response s ON s.letter_id = l.id
			WHERE l.paper AND l.round_id = p_round AND NOT EXISTS (SELECT FROM mailing m
				WHERE m.letter_id = l.id AND m.kind = 'first')
			GROUP BY 1, 2
		), aside AS MATERIALIZED (
			SELECT m.kind, m.state, q.sender_id IS NOT NULL AS held, q.due_at > p_now AS later,
				m.code, left(m.words, 60) AS words, count(*) AS n, min(q.due_at) AS next
			FROM mailing m LEFT JOIN dispatch q ON q.mailing_id = m.id
			WHERE m.id IN (SELECT send_trouble()) AND m.kind = 'first' AND m.round_id = p_round
			AND m.state IN ('failed', 'bounced', 'deferred', 'doubtful') GROUP BY 1, 2, 3, 4, 5, 6
			UNION ALL
			SELECT m.kind, m.state, q.sender_id IS NOT NULL, q.due_at > p_now,
				CASE WHEN m.state <> 'sent' THEN m.code END,
				CASE WHEN m.state <> 'sent' THEN left(m.words, 60) END, count(*), min(q.due_at)
			FROM mailing m LEFT JOIN dispatch q ON q.mailing_id = m.id JOIN letter l ON l.id = m.letter_id
			WHERE m.kind <> 'first' AND l.round_id = p_round GROUP BY 1, 2, 3, 4, 5, 6
		), counted AS (
			SELECT stratum, top[place] AS domain, CASE
					WHEN held AND state IN ('due', 'doubtful', 'deferred') THEN 'in_flight'
					WHEN state <> 'due' THEN state WHEN later THEN 'later' ELSE 'queued' END AS state,
				late, n, next
			FROM grouped
			UNION ALL SELECT stratum, 'none', 'paper', late, n, NULL FROM on_paper
		), summed AS (
			SELECT grouping(stratum) = 0 AS by_stratum, grouping(domain) = 0 AS by_domain,
				stratum, domain, sum(n) AS letters, jsonb_build_object(
				'letters', coalesce(sum(n), 0),
				'queued', coalesce(sum(n) FILTER (WHERE state = 'queued'), 0),
				'later', coalesce(sum(n) FILTER (WHERE state = 'later'), 0),
				'in_flight', coalesce(sum(n) FILTER (WHERE state = 'in_flight'), 0),
				'sent', coalesce(sum(n) FILTER (WHERE state = 'sent'), 0),
				'doubtful', coalesce(sum(n) FILTER (WHERE state = 'doubtful'), 0),
				'deferred', coalesce(sum(n) FILTER (WHERE state = 'deferred'), 0),
				'next', min(next) FILTER (WHERE state IN ('doubtful', 'deferred')),
				'failed', coalesce(sum(n) FILTER (WHERE state = 'failed'), 0),
				'bounced', coalesce(sum(n) FILTER (WHERE state = 'bounced'), 0),
				'cancelled', coalesce(sum(n) FILTER (WHERE state = 'cancelled'), 0),
				'paper', coalesce(sum(n) FILTER (WHERE state = 'paper'), 0),
				'answered', coalesce(sum(n) FILTER (WHERE late IS NOT NULL), 0),
				'in_time', coalesce(sum(n) FILTER (WHERE NOT late), 0),
				'bar', jsonb_build_object(
					'answered', coalesce(sum(n) FILTER (WHERE late IS NOT NULL), 0),
					'sent', coalesce(sum(n) FILTER (WHERE late IS NULL AND state = 'sent'), 0),
					'again', coalesce(sum(n) FILTER (WHERE late IS NULL
						AND state IN ('doubtful', 'deferred')), 0),
					'lost', coalesce(sum(n) FILTER (WHERE late IS NULL
						AND state IN ('failed', 'bounced')), 0),
					'waiting', coalesce(sum(n) FILTER (WHERE late IS NULL
						AND state IN ('queued', 'later', 'in_flight')), 0),
					'paper', coalesce(sum(n) FILTER (WHERE late IS NULL
						AND state IN ('paper', 'cancelled')), 0))) AS figures,
				coalesce(sum(n) FILTER (WHERE state IN ('failed', 'bounced', 'deferred', 'doubtful')),
					0) AS bad
			FROM counted GROUP BY GROUPING SETS ((), (stratum), (domain))
		), others AS (
			SELECT kind, CASE WHEN held AND state IN ('due', 'doubtful', 'deferred') THEN 'in_flight'
				WHEN state <> 'due' THEN state WHEN later THEN 'later' ELSE 'queued' END AS state,
				sum(n) AS n, min(next) AS next
			FROM aside WHERE kind <> 'first' GROUP BY 1, 2
		), said AS (
			SELECT state, code, words, sum(n) AS n FROM aside
			WHERE state IN ('failed', 'bounced', 'deferred', 'doubtful') GROUP BY 1, 2, 3
		)
		SELECT jsonb_build_object(
			'letters', (SELECT figures FROM summed WHERE NOT by_stratum AND NOT by_domain),
			'strata', (SELECT coalesce(jsonb_agg(jsonb_build_object('stratum', stratum) || figures
				ORDER BY bad DESC, letters DESC, stratum), '[]') FROM summed WHERE by_stratum),
			'domains', (SELECT coalesce(jsonb_agg(jsonb_build_object('domain', domain) || figures
					ORDER BY domain IS NULL, bad DESC, letters DESC, domain), '[]')
				FROM summed WHERE by_domain AND domain IS DISTINCT FROM 'none'),
			'kinds', (SELECT coalesce(jsonb_agg(one ORDER BY one->>'kind'), '[]') FROM (
				SELECT jsonb_build_object('kind', kind, 'next',
					min(next) FILTER (WHERE state IN ('doubtful', 'deferred')))
					|| jsonb_object_agg(state, n) AS one FROM others GROUP BY kind) k),
			'reasons', (SELECT coalesce(jsonb_agg(jsonb_build_object('state', state, 'code', code,
					'words', words, 'n', n) ORDER BY n DESC, state, words), '[]')
				FROM (SELECT * FROM said ORDER BY n DESC, state, words LIMIT 20) most),
			'other_reasons', (SELECT coalesce(sum(n), 0) FROM (SELECT n FROM said
				ORDER BY n DESC, state, words OFFSET 20) least)));
END $$;

-- The same, counted at most a twentieth of the time: figures that took a second are up to twenty
-- seconds old; those of a small round never. "at" says of when they are.
CREATE FUNCTION send_figures(p_round bigint, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	kept    send_tally;
	began   timestamptz;
	took    integer;
	counted jsonb;
BEGIN
	SELECT * INTO kept FROM send_tally WHERE round_id = p_round;
	IF kept.at BETWEEN p_now - kept.took_ms * interval '20 ms' AND p_now THEN
		RETURN kept.figures || jsonb_build_object('at', kept.at);
	END IF;
	began := clock_timestamp();
	counted := send_count(p_round, p_now);
	took := extract(epoch FROM clock_timestamp() - began) * 1000;
	IF took >= 250 THEN
		INSERT INTO send_tally (round_id, at, took_ms, figures)
		VALUES (p_round, p_now, took, counted)
		ON CONFLICT (round_id) DO UPDATE
			SET at = EXCLUDED.at, took_ms = EXCLUDED.took_ms, figures = EXCLUDED.figures;
	END IF;
	RETURN counted || jsonb_build_object('at', p_now);
END $$;

-- Everything about the sending of a round; with p_loose of mails of no round too. As send_count,
-- with {"at": of when the figures are, "round": {"code", "title", "state"}, "gate": {"open", "why",
-- "since", "by": NULL when it closed by itself}, "refusals": {"tried", "refused", "share"} of the
-- last tries that count, "senders": [{"name", "relay", "since", "lease_until", "rate": mails a
-- second in the last minute}], "rate": of all, "left_s": seconds until what is queued is gone}.
CREATE FUNCTION send_status(p_round bigint, p_loose boolean, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
	f       jsonb := send_figures(p_round, p_now);
	kinds   jsonb;
	senders jsonb;
	rate    numeric;
	waiting numeric;
BEGIN
	SELECT coalesce(jsonb_agg(jsonb_build_object('queued', 0, 'later', 0, 'in_flight', 0, 'sent', 0,
			'doubtful', 0, 'deferred', 0, 'failed', 0, 'bounced', 0, 'cancelled', 0, 'answered', NULL)
			|| one ORDER BY array_position(ARRAY['first', 'reminder', 'reply', 'digest', 'notice'],
				one->>'kind')), '[]') INTO kinds
	FROM (SELECT jsonb_build_object('kind', 'first') || ((f->'letters') - 'bar' - 'letters' - 'paper'
			- 'in_time') AS one WHERE p_round IS NOT NULL
		UNION ALL SELECT jsonb_array_elements(f->'kinds')
		UNION ALL SELECT jsonb_build_object('kind', kind, 'next',
				min(next) FILTER (WHERE state IN ('doubtful', 'deferred'))) || jsonb_object_agg(state, n)
			FROM (SELECT m.kind, CASE WHEN q.sender_id IS NOT NULL THEN 'in_flight'
					WHEN m.state <> 'due' THEN m.state
					WHEN q.due_at > p_now THEN 'later' ELSE 'queued' END AS state,
					count(*) AS n, min(q.due_at) AS next
				FROM mailing m LEFT JOIN dispatch q ON q.mailing_id = m.id WHERE p_loose AND m.kind <> 'first' AND m.letter_id IS NULL
				GROUP BY 1, 2) loose
			GROUP BY kind) k;
	-- the newest commits of a sender tell its rate: a minute may hold a million tries
	SELECT coalesce(jsonb_agg(jsonb_build_object('name', s.name, 'relay', s.relay,
			'since', s.started_at, 'lease_until', s.lease_until, 'rate', r.rate)
			ORDER BY s.id), '[]'), sum(r.rate) INTO senders, rate
	FROM sender s, LATERAL (SELECT round(coalesce(sum(n), 0) / greatest(CASE WHEN count(*) = 400
				THEN extract(epoch FROM p_now - min(at)) ELSE
				least(60, extract(epoch FROM p_now - s.started_at)) END, 1), 1) AS rate
			FROM (SELECT e.at, (SELECT count(*) FROM attempt t WHERE t.event_id = e.id) AS n
				FROM event e WHERE e.noun = 'sender' AND e.noun_id = s.id AND e.verb = 'record'
				AND e.at BETWEEN p_now - interval '1 minute' AND p_now
				ORDER BY e.id DESC LIMIT 400) last) r
	WHERE s.ended_at IS NULL AND s.lease_until >= p_now;
	SELECT sum((k->>'queued')::numeric + (k->>'in_flight')::numeric) INTO waiting
	FROM jsonb_array_elements(kinds) k;
	RETURN (f - 'kinds') || jsonb_build_object('kinds', kinds, 'senders', senders, 'rate', rate,
		'left_s', CASE WHEN rate > 0 THEN ceil(waiting / rate) END,
		'round', (SELECT jsonb_build_object('code', r.code, 'title', r.title, 'state', r.state)
			FROM round r WHERE r.id = p_round),
		'gate', coalesce((SELECT jsonb_build_object('open', g.open, 'why', g.why, 'since', g.changed_at,
				'by', (SELECT a.name FROM account a WHERE a.id = g.account_id))
			FROM send_gate g), '{"open": true, "why": null, "since": null, "by": null}'),
		'refusals', (SELECT jsonb_build_object('tried', count(*), 'refused',
				count(*) FILTER (WHERE outcome = 'failed'), 'share',
				(count(*) FILTER (WHERE outcome = 'failed'))::float8 / nullif(count(*), 0))
			FROM (SELECT attempt_tells(t) AS outcome FROM attempt t
				WHERE t.event_id IN (SELECT e.id FROM event e WHERE e.noun = 'sender'
					AND e.verb = 'record' ORDER BY e.id DESC LIMIT 200)
				AND t.at >= coalesce((SELECT counted_from FROM send_gate), '-infinity')
				AND t.outcome IN ('sent', 'failed', 'deferred', 'doubtful')
				ORDER BY t.event_id DESC, t.mailing_id DESC LIMIT 200) last),
		'domains', (SELECT coalesce(jsonb_agg(d || jsonb_build_object('hold_until',
				(SELECT p.hold_until FROM domain_pace p WHERE p.domain = d->>'domain'
					AND p.hold_until > p_now)) ORDER BY place), '[]')
			FROM jsonb_array_elements(f->'domains') WITH ORDINALITY AS x(d, place)));
END $$;

-- The bar of a row of figures as parts of a strip 100 wide: [{"what", "name": its word, "n", "x", "w"}],
-- in the order in which they are read; parts that are empty are left out.
CREATE FUNCTION send_strip(p_bar jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path FROM CURRENT AS $$
BEGIN
	RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('what', what, 'name', 'part ' || what, 'n', n,
			'x', round(100 * (upto - n) / total, 2), 'w', round(100 * n / total, 2))
			ORDER BY place), '[]')
		FROM (SELECT what, place, (p_bar->>what)::numeric AS n,
				sum((p_bar->>what)::numeric) OVER (ORDER BY place) AS upto,
				sum((p_bar->>what)::numeric) OVER () AS total
			FROM unnest(ARRAY['answered', 'sent', 'waiting', 'again', 'lost', 'paper'])
				WITH ORDINALITY AS parts(what, place)) placed
		WHERE n > 0);
END $$;

-- Mails of a round in a state, at most p_limit: {"state", "mails": [{"id", "number", "kind",
-- "enterprise" (of a digest the department, of a notice the person), "stratum", "recipient", "domain",
-- "state", "tries", "next": when it is due (null: no more), "code", "words"}], "after": what to
-- give for the next ones, null at the end}. p_state: queued, later, in_flight, doubtful,
-- deferred, failed, bounced, cancelled (mails of every kind; with p_loose those of no round too),
-- sent, answered, paper (first letters), anew (as send_anew has them), or attention: failed,
-- bounced, doubtful and deferred ones, then others, as many as fit. PY002 for any other.
CREATE FUNCTION send_list(p_round bigint, p_loose boolean, p_state text, p_after text,
	p_limit integer, p_now timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT
SET plan_cache_mode = force_custom_plan AS $$
DECLARE
	letters bigint[]; -- places of one letter without a mail, or …
	mails   bigint[]; -- … of one mail
	last_id bigint := CASE WHEN p_after ~ '^[0-9]{1,18}$' THEN p_after::bigint ELSE 0 END;
	last_at timestamptz := coalesce((SELECT q.due_at FROM dispatch q WHERE q.mailing_id = last_id),
		'-infinity');
	last_e  bigint := coalesce((SELECT l.enterprise_id FROM letter l WHERE l.number = p_after), 0);
	worst   text;
BEGIN
	IF p_state IN ('failed', 'bounced', 'doubtful', 'deferred') THEN
		mails := ARRAY(SELECT m.id FROM mailing m LEFT JOIN letter l ON l.id = m.letter_id
			WHERE m.id IN (SELECT send_trouble()) AND m.state = p_state AND m.id > last_id
			AND NOT EXISTS (SELECT FROM dispatch q WHERE q.mailing_id = m.id
				AND q.sender_id IS NOT NULL)
			AND (l.round_id = p_round OR (p_loose AND m.letter_id IS NULL))
			ORDER BY m.id LIMIT p_limit + 1);
	ELSIF p_state IN ('queued', 'later', 'in_flight') THEN
		mails := ARRAY(SELECT m.id FROM dispatch q JOIN mailing m ON m.id = q.mailing_id
			LEFT JOIN letter l ON l.id = m.letter_id
			WHERE (q.due_at, q.mailing_id) > (last_at, last_id)
			AND CASE p_state WHEN 'in_flight' THEN q.sender_id IS NOT NULL
				WHEN 'later' THEN q.sender_id IS NULL AND m.state = 'due' AND q.due_at > p_now
				ELSE q.sender_id IS NULL AND m.state = 'due' AND q.due_at <= p_now END
			AND (l.round_id = p_round OR (p_loose AND m.letter_id IS NULL))
			ORDER BY q.due_at, q.mailing_id LIMIT p_limit + 1);
	ELSIF p_state = 'anew' THEN
		mails := ARRAY(SELECT m.id FROM mailing m JOIN letter l ON l.id = m.letter_id
			WHERE m.id IN (SELECT send_anew(p_now)) AND l.round_id = p_round AND m.id > last_id
			ORDER BY m.id LIMIT p_limit + 1);
	ELSIF p_state = 'cancelled' THEN
		mails := ARRAY(SELECT m.id FROM mailing m JOIN letter l ON l.id = m.letter_id
			WHERE m.state = 'cancelled' AND m.id > last_id AND l.round_id = p_round
			ORDER BY m.id LIMIT p_limit + 1);
	ELSIF p_state = 'sent' THEN
		mails := ARRAY(SELECT m.id FROM letter l
			JOIN mailing m ON m.letter_id = l.id AND m.kind = 'first' AND m.state = 'sent'
			WHERE l.round_id = p_round AND l.enterprise_id > last_e
			ORDER BY l.enterprise_id LIMIT p_limit + 1);
	ELSIF p_state = 'answered' THEN
		letters := ARRAY(SELECT l.id FROM letter l JOIN response s ON s.letter_id = l.id
			WHERE l.round_id = p_round AND l.enterprise_id > last_e
			ORDER BY l.enterprise_id LIMIT p_limit + 1);
	ELSIF p_state = 'paper' THEN
		letters := ARRAY(SELECT l.id FROM letter l WHERE l.paper AND l.round_id = p_round
			AND l.enterprise_id > last_e AND NOT EXISTS (SELECT FROM mailing m
				WHERE m.letter_id = l.id AND m.kind = 'first')
			ORDER BY l.enterprise_id LIMIT p_limit + 1);
	ELSIF p_state = 'attention' THEN
		mails := '{}';
		FOREACH worst IN ARRAY ARRAY['failed', 'bounced', 'doubtful', 'deferred'] LOOP
			mails := mails || ARRAY(SELECT (m->>'id')::bigint FROM jsonb_array_elements(
				send_list(p_round, p_loose, worst, NULL, p_limit, p_now)->'mails') m);
		END LOOP;
		mails := mails[:p_limit];
		letters := array_fill(NULL::bigint, ARRAY[cardinality(mails)]) || ARRAY(SELECT l.id
			FROM letter l LEFT JOIN mailing m ON m.letter_id = l.id AND m.kind = 'first'
			WHERE l.round_id = p_round AND coalesce(m.state IN ('due', 'sent'), true)
			ORDER BY l.enterprise_id LIMIT p_limit - cardinality(mails));
	ELSE
		RAISE EXCEPTION 'no mail is ever in this state' USING ERRCODE = 'PY002';
	END IF;
	RETURN (WITH picked AS (
			SELECT place, coalesce(p.letter_id, q.letter_id) AS letter_id, coalesce(p.mailing_id,
				(SELECT f.id FROM mailing f WHERE f.letter_id = p.letter_id AND f.kind = 'first'))
				AS mailing_id
			FROM unnest(letters, mails) WITH ORDINALITY AS p(letter_id, mailing_id, place)
			LEFT JOIN mailing q ON q.id = p.mailing_id
		), listed AS (
			SELECT p.place, m.id, l.number, jsonb_build_object('id', m.id, 'number', l.number,
				'kind', coalesce(m.kind, 'first'), 'enterprise', coalesce(e.name, d.name, a.name),
				'stratum', e.stratum, 'recipient', m.recipient, 'domain', m.domain,
				'state', CASE WHEN s.id IS NOT NULL AND (p_state = 'answered' OR (p_state = 'attention'
						AND coalesce(m.state IN ('due', 'sent'), true))) THEN 'answered'
					WHEN m.id IS NULL THEN 'paper'
					WHEN w.sender_id IS NOT NULL THEN 'in_flight'
					WHEN m.state <> 'due' THEN m.state
					WHEN w.due_at > p_now THEN 'later' ELSE 'queued' END,
				'tries', coalesce(m.tries, 0), 'next', w.due_at,
				'code', CASE WHEN p_state <> 'attention' OR m.state <> 'sent' THEN m.code END,
				'words', CASE WHEN p_state <> 'attention' OR m.state <> 'sent' THEN m.words END) AS one
			FROM picked p LEFT JOIN mailing m ON m.id = p.mailing_id
			LEFT JOIN dispatch w ON w.mailing_id = m.id
			LEFT JOIN letter l ON l.id = p.letter_id LEFT JOIN enterprise e ON e.id = l.enterprise_id
			LEFT JOIN response s ON s.letter_id = l.id
			LEFT JOIN notice n ON n.id = m.notice_id LEFT JOIN department d ON d.no = n.department_no
			LEFT JOIN account a ON a.id = n.account_id
		)
		SELECT jsonb_build_object('state', p_state, 'mails', coalesce((SELECT jsonb_agg(one ORDER BY place)
			FROM listed WHERE place <= p_limit), '[]'),
			'after', (SELECT CASE WHEN p_state IN ('sent', 'answered', 'paper') THEN number
					ELSE id::text END FROM listed WHERE place = p_limit
				AND EXISTS (SELECT FROM listed WHERE place > p_limit))));
END $$;
