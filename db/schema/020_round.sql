-- Who is asked, what is asked, and what goes out.

CREATE TABLE enterprise (
	id          bigserial CONSTRAINT enterprise_key PRIMARY KEY,
	name        text NOT NULL CONSTRAINT enterprise_name UNIQUE,
	short_name  text,
	credit_code text CONSTRAINT enterprise_credit_code UNIQUE, -- GB 32100-2015
	stratum     text NOT NULL
	            CONSTRAINT enterprise_stratum CHECK (stratum IN ('foreign', 'industry', 'trade')),
	address     text,
	postcode    text,
	active      boolean NOT NULL DEFAULT true,
	silent      boolean NOT NULL DEFAULT false, -- asked not to be reminded
	changed_at  timestamptz NOT NULL
);

CREATE TABLE contact (
	id            bigserial CONSTRAINT contact_key PRIMARY KEY,
	enterprise_id bigint NOT NULL CONSTRAINT contact_enterprise REFERENCES enterprise,
	name          text,
	email         text,
	phone         text,
	is_letter     boolean NOT NULL, -- the letter goes to this one
	position      integer NOT NULL,
	CONSTRAINT contact_position UNIQUE (enterprise_id, position)
);
CREATE UNIQUE INDEX contact_letter ON contact (enterprise_id) WHERE is_letter;
CREATE INDEX contact_email ON contact (lower(email));
CREATE INDEX contact_domain ON contact (lower(split_part(email, '@', 2)));

CREATE TABLE round (
	id            bigserial CONSTRAINT round_key PRIMARY KEY,
	code          text NOT NULL CONSTRAINT round_code UNIQUE, -- what commands call it: 2026-1
	title         text NOT NULL,
	state         text NOT NULL
	              CONSTRAINT round_state CHECK (state IN ('draft', 'released', 'closed', 'archived')),
	opens         date NOT NULL,
	closes        date NOT NULL,
	keep_until    date NOT NULL, -- what people wrote is kept until then
	language      text NOT NULL CONSTRAINT round_language CHECK (language IN ('zh', 'en')),
	template      text NOT NULL, -- of the letter, XHTML; frozen by the release
	questionnaire text NOT NULL, -- XML; frozen by the release
	with_form     boolean NOT NULL, -- the fill-in form goes with the letter
	form          bytea,         -- that form (.docx) without a number; made by the release
	reminders     integer NOT NULL -- how many an enterprise gets at most, 条例 art. 8: do not burden
	              CONSTRAINT round_reminders CHECK (reminders BETWEEN 0 AND 3),
	remind_days   integer NOT NULL -- working days from a letter to its reminder, and to the next
	              CONSTRAINT round_remind_days CHECK (remind_days > 0),
	review_days   integer NOT NULL CONSTRAINT round_review_days CHECK (review_days > 0),
	sign_days     integer NOT NULL CONSTRAINT round_sign_days CHECK (sign_days > 0),
	answer_days   integer NOT NULL CONSTRAINT round_answer_days CHECK (answer_days > 0),
	created_by    bigint NOT NULL CONSTRAINT round_created_by REFERENCES account,
	created_at    timestamptz NOT NULL,
	released_by   bigint CONSTRAINT round_released_by REFERENCES account,
	released_at   timestamptz,
	closed_at     timestamptz,
	CONSTRAINT round_dates CHECK (opens <= closes AND closes <= keep_until),
	CONSTRAINT round_released CHECK (state = 'draft' OR (released_by IS NOT NULL
		AND released_at IS NOT NULL AND (form IS NOT NULL) = with_form))
);

-- What goes with the letters of a round: with all of them, or with one enterprise's. Frozen by the
-- release.
CREATE TABLE attachment (
	id            bigserial CONSTRAINT attachment_key PRIMARY KEY,
	round_id      bigint NOT NULL CONSTRAINT attachment_round REFERENCES round,
	enterprise_id bigint CONSTRAINT attachment_enterprise REFERENCES enterprise, -- NULL: all
	name          text NOT NULL, -- of the file, as the recipient sees it
	type          text NOT NULL, -- application/pdf
	bytes         bytea NOT NULL,
	added_at      timestamptz NOT NULL,
	CONSTRAINT attachment_once UNIQUE NULLS NOT DISTINCT (round_id, enterprise_id, name)
);
ALTER TABLE attachment ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- An enterprise in a round. The number is seen by everybody and proves nothing; the link's secret
-- is derived from the letter and the office's key, and only its keyed hash is here. What became of
-- it is no column: letter_state, below, derives it.
CREATE TABLE letter (
	id            bigserial CONSTRAINT letter_key PRIMARY KEY,
	round_id      bigint NOT NULL CONSTRAINT letter_round REFERENCES round,
	enterprise_id bigint NOT NULL CONSTRAINT letter_enterprise REFERENCES enterprise,
	number        text NOT NULL CONSTRAINT letter_number UNIQUE,
	secret_turn   integer NOT NULL DEFAULT 0, -- counts links issued anew
	secret_hash   bytea NOT NULL CONSTRAINT letter_secret UNIQUE,
	revoked       boolean NOT NULL DEFAULT false,
	paper         boolean NOT NULL DEFAULT false, -- the release knew no mail address
	created_at    timestamptz NOT NULL,
	CONSTRAINT letter_once UNIQUE (round_id, enterprise_id)
);
CREATE INDEX letter_paper ON letter (round_id, enterprise_id) WHERE paper;
CREATE INDEX letter_of_enterprise ON letter (enterprise_id);

-- What a department or a supervisor is told by mail: counts and dates, never who said what.
CREATE TABLE notice (
	id            bigserial CONSTRAINT notice_key PRIMARY KEY,
	kind          text NOT NULL CONSTRAINT notice_kind CHECK (kind IN ('digest', 'notice')),
	department_no integer CONSTRAINT notice_department REFERENCES department, -- of a digest
	account_id    bigint CONSTRAINT notice_account REFERENCES account,        -- of a notice
	day           date NOT NULL, -- the office's day that it speaks of
	facts         jsonb NOT NULL, -- {"to_sign", "working", "due_today", "due_soon", "overdue", "items"}
	created_at    timestamptz NOT NULL,
	CONSTRAINT notice_addressee CHECK ((kind = 'digest') = (department_no IS NOT NULL)
		AND (kind = 'notice') = (account_id IS NOT NULL)),
	CONSTRAINT notice_once UNIQUE NULLS NOT DISTINCT (kind, department_no, account_id, day)
);

-- A process that sends. What it holds (dispatch.sender_id) is its own until lease_until, which it
-- renews while it lives; of what a dead one held nobody knows whether it arrived.
CREATE TABLE sender (
	id          bigserial CONSTRAINT sender_key PRIMARY KEY,
	name        text NOT NULL, -- host:pid
	relay       text NOT NULL, -- without a password
	started_at  timestamptz NOT NULL,
	lease_until timestamptz NOT NULL,
	entered     bigint NOT NULL DEFAULT 0, -- the last row of its journal that was entered
	ended_at    timestamptz
);
CREATE INDEX sender_living ON sender (lease_until) WHERE ended_at IS NULL;

-- The ledger: every mail that goes out. What changes when an answer has come stands in no index, and
-- there is room on its pages: so that costs little.
CREATE TABLE mailing (
	id         bigserial CONSTRAINT mailing_key PRIMARY KEY,
	kind       text NOT NULL CONSTRAINT mailing_kind
	           CHECK (kind IN ('first', 'reminder', 'reply', 'digest', 'notice')),
	letter_id  bigint CONSTRAINT mailing_letter REFERENCES letter,
	round_id   bigint, -- of a first letter, and the stratum of its enterprise at the release: so
	stratum    text,   -- that a million are counted without a join (a fifth of the time)
	turn       integer NOT NULL DEFAULT 0, -- of a reminder: 1 is the first
	reply_id   bigint, -- of a reply
	notice_id  bigint CONSTRAINT mailing_notice_of REFERENCES notice, -- of a digest or notice
	message_id text NOT NULL CONSTRAINT mailing_message_id UNIQUE, -- made before the first try
	recipient  text NOT NULL,
	domain     text NOT NULL, -- of the recipient, in small letters: what limits go by
	state      text NOT NULL CONSTRAINT mailing_state
	           CHECK (state IN ('due',
	                            'sent',      -- the relay has it
	                            'doubtful',  -- it may have arrived; tried again
	                            'deferred',  -- tried again later; it may have come back
	                            'failed',    -- refused for good
	                            'bounced',   -- taken, and came back
	                            'cancelled')), -- no longer wanted, or not sent while its round was open
	tries      integer NOT NULL DEFAULT 0,
	doubts     integer NOT NULL DEFAULT 0, -- tries whose answer the connection lost
	burials    integer NOT NULL DEFAULT 0, -- tries whose sender died: perhaps it never left
	code       integer, -- the server's last answer …
	words      text,    -- … and its words
	created_at timestamptz NOT NULL,
	sent_at    timestamptz,
	CONSTRAINT mailing_of CHECK ((kind IN ('digest', 'notice')) = (letter_id IS NULL)
		AND (kind IN ('digest', 'notice')) = (notice_id IS NOT NULL)
		AND (kind = 'reply') = (reply_id IS NOT NULL) AND (kind = 'reminder') = (turn > 0)),
	CONSTRAINT mailing_counted CHECK (kind <> 'first' OR (round_id IS NOT NULL
		AND stratum IS NOT NULL))
) WITH (fillfactor = 50);
CREATE INDEX mailing_of_letter ON mailing (letter_id) WHERE kind <> 'first';
CREATE UNIQUE INDEX mailing_first ON mailing (letter_id) WHERE kind = 'first';
CREATE UNIQUE INDEX mailing_reminder ON mailing (letter_id, turn) WHERE kind = 'reminder';
CREATE UNIQUE INDEX mailing_reply ON mailing (reply_id) WHERE kind = 'reply';
CREATE UNIQUE INDEX mailing_notice ON mailing (notice_id) WHERE kind IN ('digest', 'notice');

-- What is still to be sent: a row for each mail until its last answer (state due, doubtful or
-- deferred). Taking one in hand touches no index; no reference to sender is checked, for it would be
-- for each mail that leaves.
CREATE TABLE dispatch (
	mailing_id bigint CONSTRAINT dispatch_key PRIMARY KEY
	           CONSTRAINT dispatch_mailing REFERENCES mailing,
	due_at     timestamptz NOT NULL,
	tried_at   timestamptz, -- its first try at this address: it is deferred or doubtful since; NULL: none yet
	sender_id  bigint -- who has it in hand
) WITH (fillfactor = 45);
CREATE INDEX dispatch_due ON dispatch (due_at, mailing_id);
CREATE INDEX dispatch_tried ON dispatch (mailing_id) WHERE tried_at IS NOT NULL;

-- How mails in hand ended, as their sender heard it: a row a commit, until journal_post enters it in
-- the ledger. So a connection waits for one small row, and the ledger is written for many mails at
-- once. The mails are held until then. Arrays of one length, as journal_note.sql has them.
CREATE TABLE journal (
	sender_id bigint NOT NULL,
	number    bigint NOT NULL, -- the sender counts, so that a row whose commit was not heard of is written once
	at        timestamptz NOT NULL,
	mailings  bigint[] NOT NULL,
	outcomes  text[] NOT NULL,
	codes     integer[] NOT NULL,
	words     text[] NOT NULL,
	next      timestamptz[] NOT NULL,
	CONSTRAINT journal_key PRIMARY KEY (sender_id, number)
);

-- Every try, and a mail's coming back. Written by journal_post, sender_bury and mailing_return alone,
-- which hold the mailing: so there is no reference to check. The event seals all that were written
-- with it.
CREATE TABLE attempt (
	mailing_id bigint NOT NULL,
	number     integer NOT NULL,
	at         timestamptz NOT NULL,
	sender_id  bigint, -- NULL: it came back
	event_id   bigint NOT NULL,
	outcome    text NOT NULL
	           CONSTRAINT attempt_outcome CHECK (outcome IN ('sent', 'doubtful', 'deferred', 'failed',
	                                                         'cancelled', 'bounced',
	                                                         'put back')), -- came back; tried again
	code       integer,
	words      text,
	CONSTRAINT attempt_key PRIMARY KEY (mailing_id, number)
);
CREATE INDEX attempt_lost ON attempt (mailing_id) WHERE outcome IN ('failed', 'bounced');
CREATE INDEX attempt_event ON attempt USING brin (event_id) WITH (pages_per_range = 16);

-- How fast mail may go to a domain: what it took in this hour, and until when it wants nothing. A relay
-- that rests stands here like a domain, as "relay 1 smtps://relay.example".
CREATE TABLE domain_pace (
	domain     text CONSTRAINT domain_pace_key PRIMARY KEY,
	hour       timestamptz NOT NULL, -- when the hour that `used` counts began
	used       integer NOT NULL,
	strikes    integer NOT NULL,     -- refusals in a row
	hold_until timestamptz           -- NULL: not held
);

-- Whether mail may leave at all. One row.
CREATE TABLE send_gate (
	one          boolean CONSTRAINT send_gate_key PRIMARY KEY DEFAULT true
	             CONSTRAINT send_gate_one CHECK (one),
	open         boolean NOT NULL,
	why          text,        -- why it is closed
	account_id   bigint CONSTRAINT send_gate_account REFERENCES account, -- NULL: it closed by itself
	changed_at   timestamptz NOT NULL,
	counted_from timestamptz NOT NULL -- refusals before then do not count for closing it
);
