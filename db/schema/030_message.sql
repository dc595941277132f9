-- What comes in: raw bytes first, untouched; then what a reader made of them; then whose they are.

CREATE TABLE message (
	id          bigserial CONSTRAINT message_key PRIMARY KEY,
	sha256      bytea NOT NULL CONSTRAINT message_bytes UNIQUE,
	size        bigint NOT NULL,
	channel     text NOT NULL CONSTRAINT message_channel
	            CHECK (channel IN ('imap', 'pop3', 'maildir', 'mbox', 'file', 'form', 'staff')),
	received_at timestamptz NOT NULL, -- when it came to us
	state       text NOT NULL CONSTRAINT message_state
	            CHECK (state IN ('stored',      -- bytes are here, nobody has read them
	                             'broken',      -- it broke its reader: a person looks at it
	                             'waiting',     -- read, but nobody knows whose it is: a person says
	                             'filed',       -- belongs to a letter
	                             'noted',       -- no answer (bounce, receipt …), or one that is here
	                                            -- already (same_as): taken into account
	                             'set aside')), -- a person says it is none of ours
	problem     text,         -- why it is broken or waits
	review_due  date,         -- until when a person looks at it, where one has to
	worker      text,
	lease_until timestamptz,
	letter_id   bigint CONSTRAINT message_letter REFERENCES letter,
	same_as     bigint -- the same mail reached another mailbox too: the message that is the answer
	            CONSTRAINT message_original REFERENCES message,
	CONSTRAINT message_waits CHECK (state NOT IN ('broken', 'waiting') OR
		(problem IS NOT NULL AND review_due IS NOT NULL))
);
CREATE INDEX message_stored ON message (received_at, id) WHERE state = 'stored';
CREATE INDEX message_waiting ON message (review_due, id) WHERE state IN ('broken', 'waiting');
CREATE INDEX message_again ON message (same_as) WHERE same_as IS NOT NULL;

-- The bytes, in pieces of 1 MB, in a table that no list ever touches.
CREATE TABLE message_piece (
	message_id bigint NOT NULL CONSTRAINT message_piece_message REFERENCES message,
	seq        integer NOT NULL,
	bytes      bytea NOT NULL,
	CONSTRAINT message_piece_key PRIMARY KEY (message_id, seq)
);
ALTER TABLE message_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- Where a message was found; known places are not fetched again.
CREATE TABLE message_place (
	account     text NOT NULL, -- the mailbox's login, or the folder
	mailbox     text NOT NULL,
	uidvalidity bigint NOT NULL,
	uid         text NOT NULL, -- IMAP UID, POP3 UIDL, file name, offset in an mbox
	message_id  bigint NOT NULL CONSTRAINT message_place_message REFERENCES message,
	found_at    timestamptz NOT NULL,
	CONSTRAINT message_place_key PRIMARY KEY (account, mailbox, uidvalidity, uid)
);

-- What the reader understood (collector/read.h tells the record's shape).
CREATE TABLE reading (
	message_id   bigint CONSTRAINT reading_key PRIMARY KEY
	             CONSTRAINT reading_message REFERENCES message,
	kind         text NOT NULL,
	from_address text,
	header_id    text,  -- Message-ID
	record       jsonb NOT NULL,
	clues        jsonb NOT NULL DEFAULT '[]', -- each clue that led to a letter, in order
	read_at      timestamptz NOT NULL
);
CREATE INDEX reading_header_id ON reading (header_id);

-- One response an enterprise and round; it grows with each answer.
CREATE TABLE response (
	id         bigserial CONSTRAINT response_key PRIMARY KEY,
	letter_id  bigint NOT NULL CONSTRAINT response_letter REFERENCES letter
	           CONSTRAINT response_once UNIQUE,
	round_id   bigint NOT NULL CONSTRAINT response_round REFERENCES round,
	first_at   timestamptz NOT NULL,
	last_at    timestamptz NOT NULL,
	late       boolean NOT NULL, -- the first answer came after closing: counted apart
	disclosure text NOT NULL DEFAULT 'hidden'
	           CONSTRAINT response_disclosure CHECK (disclosure IN ('named', 'hidden', 'aggregate'))
);
CREATE INDEX response_of_round ON response (round_id);

CREATE TABLE answer (
	id          bigserial CONSTRAINT answer_key PRIMARY KEY,
	response_id bigint NOT NULL CONSTRAINT answer_response REFERENCES response,
	message_id  bigint NOT NULL CONSTRAINT answer_message REFERENCES message
	            CONSTRAINT answer_once UNIQUE,
	at          timestamptz NOT NULL,
	own         text NOT NULL, -- the writer's own words, form fields included
	late        boolean NOT NULL,
	sorted_at   timestamptz,   -- NULL: the classifier has not seen it
	worker      text,
	lease_until timestamptz
);
CREATE INDEX answer_unsorted ON answer (at, id) WHERE sorted_at IS NULL;
CREATE INDEX answer_of_response ON answer (response_id);

-- The newest rating of each department; 0 is 不了解 and counts nowhere.
CREATE TABLE rating (
	response_id   bigint NOT NULL CONSTRAINT rating_response REFERENCES response,
	department_no integer NOT NULL CONSTRAINT rating_department REFERENCES department,
	grade         smallint NOT NULL CONSTRAINT rating_grade CHECK (grade BETWEEN 0 AND 5),
	answer_id     bigint NOT NULL CONSTRAINT rating_answer REFERENCES answer,
	CONSTRAINT rating_key PRIMARY KEY (response_id, department_no)
);
CREATE INDEX rating_of_department ON rating (department_no);
