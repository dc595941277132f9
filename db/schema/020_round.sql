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
	form          bytea,         -- the fill-in form (.docx) without a number; made by the release
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
		AND released_at IS NOT NULL AND form IS NOT NULL))
);

-- An enterprise in a round. The number is seen by everybody and proves nothing; the link's secret
-- is derived from the letter and the office's key, and only its keyed hash is here.
CREATE TABLE letter (
	id            bigserial CONSTRAINT letter_key PRIMARY KEY,
	round_id      bigint NOT NULL CONSTRAINT letter_round REFERENCES round,
	enterprise_id bigint NOT NULL CONSTRAINT letter_enterprise REFERENCES enterprise,
	number        text NOT NULL CONSTRAINT letter_number UNIQUE,
	secret_turn   integer NOT NULL DEFAULT 0, -- counts links issued anew
	secret_hash   bytea NOT NULL CONSTRAINT letter_secret UNIQUE,
	revoked       boolean NOT NULL DEFAULT false,
	state         text NOT NULL
	              CONSTRAINT letter_state CHECK (state IN ('ready', 'sent', 'bounced', 'answered')),
	created_at    timestamptz NOT NULL,
	CONSTRAINT letter_once UNIQUE (round_id, enterprise_id)
);
CREATE INDEX letter_of_enterprise ON letter (enterprise_id);

-- The ledger: every mail that goes out, and every try.
CREATE TABLE mailing (
	id          bigserial CONSTRAINT mailing_key PRIMARY KEY,
	kind        text NOT NULL
	            CONSTRAINT mailing_kind CHECK (kind IN ('first', 'reminder', 'reply')),
	letter_id   bigint NOT NULL CONSTRAINT mailing_letter REFERENCES letter,
	reply_id    bigint, -- of a reply
	message_id  text NOT NULL CONSTRAINT mailing_message_id UNIQUE, -- made before the first try
	recipient   text NOT NULL,
	state       text NOT NULL CONSTRAINT mailing_state
	            CHECK (state IN ('due', 'sent', 'doubtful', 'deferred', 'failed', 'bounced')),
	due_at      timestamptz NOT NULL,
	worker      text,        -- who has it now …
	lease_until timestamptz, -- … and until when
	tries       integer NOT NULL DEFAULT 0,
	words       text,        -- the server's last answer
	created_at  timestamptz NOT NULL,
	sent_at     timestamptz
);
CREATE INDEX mailing_due ON mailing (due_at, id) WHERE state IN ('due', 'doubtful', 'deferred');
CREATE INDEX mailing_of_letter ON mailing (letter_id);
CREATE UNIQUE INDEX mailing_first ON mailing (letter_id) WHERE kind = 'first';
CREATE UNIQUE INDEX mailing_reply ON mailing (reply_id) WHERE kind = 'reply';

CREATE TABLE attempt (
	mailing_id bigint NOT NULL CONSTRAINT attempt_mailing REFERENCES mailing,
	number     integer NOT NULL,
	at         timestamptz NOT NULL,
	worker     text NOT NULL,
	outcome    text NOT NULL
	           CONSTRAINT attempt_outcome CHECK (outcome IN ('sent', 'doubtful', 'deferred', 'failed')),
	code       integer,
	words      text,
	CONSTRAINT attempt_key PRIMARY KEY (mailing_id, number)
);
