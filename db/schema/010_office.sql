-- The office itself: settings, calendar, departments, accounts, jobs, events.

-- What the office has settled once (name, time zone, terms); pingyi.conf holds what a machine needs.
CREATE TABLE setting (
	name  text CONSTRAINT setting_key PRIMARY KEY,
	value text NOT NULL
);

-- Every day, so that "+n working days" is one look-up: the day that works and has the number of
-- the start plus n. 民法典 art. 201: the first day is not counted.
CREATE TABLE calendar (
	day       date CONSTRAINT calendar_key PRIMARY KEY,
	works     boolean NOT NULL,
	number    integer NOT NULL, -- how many working days there were up to and with this day
	published boolean NOT NULL, -- FALSE: no holiday notice yet for its year, it may still move
	name      text              -- of the holiday or the make-up day
);
CREATE UNIQUE INDEX calendar_number ON calendar (number) WHERE works;

CREATE TABLE department (
	no           integer CONSTRAINT department_key PRIMARY KEY
	             CONSTRAINT department_no_range CHECK (no BETWEEN 1 AND 99),
	code         text NOT NULL CONSTRAINT department_code UNIQUE, -- d01
	name         text NOT NULL CONSTRAINT department_name UNIQUE,
	category     text NOT NULL, -- the class within which it is compared
	short_names  jsonb NOT NULL DEFAULT '[]',
	former_names jsonb NOT NULL DEFAULT '[]',
	active       boolean NOT NULL DEFAULT true
);

-- Where a department's digest goes. Apart, for every department may read the departments.
CREATE TABLE department_address (
	department_no integer CONSTRAINT department_address_key PRIMARY KEY
	              CONSTRAINT department_address_of REFERENCES department,
	email         text NOT NULL
);

CREATE TABLE account (
	id            bigserial CONSTRAINT account_key PRIMARY KEY,
	login         text NOT NULL CONSTRAINT account_login UNIQUE,
	name          text NOT NULL, -- of the person, as it signs documents
	kind          text NOT NULL
	              CONSTRAINT account_kind CHECK (kind IN ('staff', 'supervisor', 'department')),
	department_no integer CONSTRAINT account_department REFERENCES department,
	email         text, -- of a supervisor: where notices go; NULL: none
	active        boolean NOT NULL DEFAULT true,
	created_at    timestamptz NOT NULL,
	CONSTRAINT account_department_kind CHECK ((kind = 'department') = (department_no IS NOT NULL))
);

-- Apart from the account, so that staff may list accounts and nobody may list hashes.
CREATE TABLE account_secret (
	account_id    bigint CONSTRAINT account_secret_key PRIMARY KEY
	              CONSTRAINT account_secret_account REFERENCES account,
	password_hash text NOT NULL -- argon2id, as libsodium writes it
);

-- A login that lasts; the cookie's value is not here, only its hash.
CREATE TABLE session (
	token_hash bytea CONSTRAINT session_key PRIMARY KEY,
	account_id bigint NOT NULL CONSTRAINT session_account REFERENCES account,
	csrf       text NOT NULL,
	created_at timestamptz NOT NULL,
	expires_at timestamptz NOT NULL
);

-- Wrong passwords of late, so that guessing is slow.
CREATE TABLE login_failure (
	id    bigserial CONSTRAINT login_failure_key PRIMARY KEY,
	login text NOT NULL,
	at    timestamptz NOT NULL
);
CREATE INDEX login_failure_login ON login_failure (login, at);

-- One row a stage of `pingyi run`: who does it now, how the last time ended.
CREATE TABLE job (
	name        text CONSTRAINT job_key PRIMARY KEY,
	worker      text,
	lease_until timestamptz,
	started_at  timestamptz,
	ended_at    timestamptz,
	failures    integer NOT NULL DEFAULT 0, -- in a row
	problem     text                        -- why the last one failed, NULL when it did not
);

-- Append-only: ids, states, account numbers, times and hashes of texts, never texts or names.
CREATE TABLE event (
	id         bigserial CONSTRAINT event_key PRIMARY KEY,
	at         timestamptz NOT NULL,
	account_id bigint,          -- NULL: the system
	role       text NOT NULL,   -- the database role that did it
	noun       text NOT NULL,   -- the table
	noun_id    bigint NOT NULL,
	verb       text NOT NULL,
	from_state text,
	to_state   text,
	text_hash  bytea            -- sha256 of a text that was written
);
CREATE INDEX event_noun ON event (noun, noun_id);
CREATE INDEX event_at ON event (at);

-- A seal covers events that no earlier seal covers, and the seal before it; `pingyi db verify`
-- computes all of them again.
CREATE TABLE seal (
	number   bigint CONSTRAINT seal_key PRIMARY KEY,
	at       timestamptz NOT NULL,
	events   bigint NOT NULL,
	previous bytea NOT NULL,
	hash     bytea NOT NULL
);
CREATE TABLE seal_event (
	event_id    bigint CONSTRAINT seal_event_key PRIMARY KEY,
	seal_number bigint NOT NULL CONSTRAINT seal_event_seal REFERENCES seal
);
CREATE INDEX seal_event_number ON seal_event (seal_number);

-- Which files of db/schema have been applied; newer ones run forward from here.
CREATE TABLE migration (
	name       text CONSTRAINT migration_key PRIMARY KEY, -- 010_office.sql
	applied_at timestamptz NOT NULL DEFAULT now()
);
