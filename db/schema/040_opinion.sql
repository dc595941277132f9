-- Whose business it is, and what became of it.

CREATE TABLE opinion (
	id          bigserial CONSTRAINT opinion_key PRIMARY KEY,
	answer_id   bigint NOT NULL CONSTRAINT opinion_answer REFERENCES answer,
	round_id    bigint NOT NULL CONSTRAINT opinion_round REFERENCES round,
	seq         integer NOT NULL, -- its place in the answer
	text        text NOT NULL,
	kind        text NOT NULL CONSTRAINT opinion_kind CHECK (kind IN
	            ('opinion', 'praise', 'suggestion', 'blank', 'dispute', 'court', 'discipline')),
	state       text NOT NULL CONSTRAINT opinion_state CHECK (state IN
	            ('review',     -- a person decides whose it is; review_due is its clock
	             'sorted',     -- the classifier is sure, a person hands it over; review_due is its clock
	             'handed',     -- a department has it; the rectifications carry the clocks
	             'closed',     -- ended: answered to the enterprise
	             'declined',   -- ended: not ours, with a reason, answered to the enterprise
	             'merged',     -- ended: the same as another
	             'recorded')), -- ended: praise or blank
	why         text,           -- why a person must look, why it was declined
	explained   jsonb NOT NULL, -- the classifier's whole reason
	lexicon     text NOT NULL,  -- the version that made it
	review_due  date,
	due         date NOT NULL DEFAULT 'infinity', -- of review, else of its most urgent open item; what lists go by
	merged_into bigint CONSTRAINT opinion_merged REFERENCES opinion,
	created_at  timestamptz NOT NULL,
	ended_at    timestamptz,
	CONSTRAINT opinion_once UNIQUE (answer_id, seq)
);
CREATE INDEX opinion_of_round ON opinion (round_id, state);
CREATE INDEX opinion_listed ON opinion (state, due, id);

-- The departments it concerns, as the classifier or a person said.
CREATE TABLE opinion_department (
	opinion_id    bigint NOT NULL CONSTRAINT opinion_department_opinion REFERENCES opinion,
	department_no integer NOT NULL CONSTRAINT opinion_department_department REFERENCES department,
	lead          boolean NOT NULL, -- 主办, else 协办
	score         double precision NOT NULL,
	by_account    bigint CONSTRAINT opinion_department_account REFERENCES account, -- NULL: classifier
	state         text NOT NULL, -- the opinion's, so that one index has …
	due           date NOT NULL, -- … a department's list
	CONSTRAINT opinion_department_key PRIMARY KEY (opinion_id, department_no)
);
CREATE INDEX opinion_department_listed ON opinion_department (department_no, state, due, opinion_id);

-- What a department works on. Everything in this table may be read by that department: so no
-- identity, and the masked copy only.
CREATE TABLE rectification (
	id            bigserial CONSTRAINT rectification_key PRIMARY KEY,
	opinion_id    bigint NOT NULL CONSTRAINT rectification_opinion REFERENCES opinion,
	round_id      bigint NOT NULL CONSTRAINT rectification_round REFERENCES round,
	department_no integer NOT NULL CONSTRAINT rectification_department REFERENCES department,
	lead          boolean NOT NULL,
	masked        text NOT NULL, -- 转办稿
	state         text NOT NULL CONSTRAINT rectification_state CHECK (state IN
	              ('draft',    -- the masked copy waits for a person; no department sees it
	               'handed', 'signed', 'answered',
	               'returned', -- the answer was sent back to be done again
	               'approved', 'closed')),
	handed_at     timestamptz,
	sign_due      date,
	due           date,
	original_due  date,
	provisional   boolean NOT NULL DEFAULT false, -- due reaches into a year without a calendar
	signed_at     timestamptz,
	answered_at   timestamptz,
	answer        text,
	returned_why  text,
	approved_at   timestamptz,
	closed_at     timestamptz,
	-- until when its department owes the next step: until it has signed that of signing, unless the answer
	-- is due earlier; NULL: it owes none
	clock         date GENERATED ALWAYS AS (CASE WHEN state = 'handed' THEN least(sign_due, due)
	              WHEN state IN ('signed', 'returned') THEN due END) STORED,
	CONSTRAINT rectification_once UNIQUE (opinion_id, department_no),
	CONSTRAINT rectification_clock CHECK (state = 'draft' OR
		(due IS NOT NULL AND handed_at IS NOT NULL))
);
CREATE INDEX rectification_of_department ON rectification (department_no, state, due, id);
CREATE INDEX rectification_owed ON rectification (department_no, clock, id) WHERE clock IS NOT NULL;
CREATE INDEX rectification_answered ON rectification (department_no, answered_at DESC, id DESC)
	WHERE state IN ('answered', 'approved', 'closed');
CREATE INDEX rectification_in_state ON rectification (state, due, id);
CREATE INDEX rectification_of_round ON rectification (round_id, department_no);

-- What was replaced in the masked copy: for staff, who see both texts and confirm.
CREATE TABLE rectification_mask (
	rectification_id bigint CONSTRAINT rectification_mask_key PRIMARY KEY
	                 CONSTRAINT rectification_mask_of REFERENCES rectification,
	replaced         jsonb NOT NULL
);

-- The answer to the enterprise about one of its opinions, and the grade it gives.
CREATE TABLE reply (
	id         bigserial CONSTRAINT reply_key PRIMARY KEY,
	opinion_id bigint NOT NULL CONSTRAINT reply_opinion REFERENCES opinion
	           CONSTRAINT reply_once UNIQUE,
	letter_id  bigint NOT NULL CONSTRAINT reply_letter REFERENCES letter,
	text       text NOT NULL,
	created_at timestamptz NOT NULL,
	grade      smallint CONSTRAINT reply_grade CHECK (grade BETWEEN 1 AND 5),
	graded_at  timestamptz
);
ALTER TABLE mailing ADD CONSTRAINT mailing_reply_of FOREIGN KEY (reply_id) REFERENCES reply;

-- What became of each letter: answered, else how its first mail fares, else paper (it has none).
CREATE VIEW letter_state WITH (security_invoker) AS
SELECT l.id, l.round_id, l.enterprise_id, l.number, m.state AS mail,
	CASE WHEN s.id IS NOT NULL THEN 'answered' WHEN m.id IS NULL THEN 'paper'
		WHEN m.state IN ('failed', 'bounced') THEN 'bounced'
		WHEN m.state = 'sent' THEN 'sent' ELSE 'ready' END AS state
FROM letter l LEFT JOIN mailing m ON m.letter_id = l.id AND m.kind = 'first'
LEFT JOIN response s ON s.letter_id = l.id;
