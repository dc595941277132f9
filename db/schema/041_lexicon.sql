-- What sorts opinions, in versions that are never changed, and what people made of its decisions.

-- A lexicon as somebody imported it, or as the program brought it when it first decided something
-- here: so every opinion's version can be read again. Without one in use the program's own decides.
CREATE TABLE lexicon (
	id         bigserial CONSTRAINT lexicon_key PRIMARY KEY,
	version    text NOT NULL CONSTRAINT lexicon_version UNIQUE, -- opinion.lexicon
	text       text NOT NULL,  -- the file (XML)
	hash       bytea NOT NULL, -- sha256 of it
	built_in   boolean NOT NULL, -- the program brought it
	in_use     boolean NOT NULL DEFAULT false,
	account_id bigint CONSTRAINT lexicon_account REFERENCES account, -- NULL: the program
	at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX lexicon_in_use ON lexicon (in_use) WHERE in_use;

-- A layer that was learnt from corrections: its id is its version. Without one in use there is none.
CREATE TABLE learnt (
	id         bigserial CONSTRAINT learnt_key PRIMARY KEY,
	bytes      bytea NOT NULL,
	figures    jsonb NOT NULL, -- on how many corrections, how well: an object
	in_use     boolean NOT NULL DEFAULT false,
	account_id bigint CONSTRAINT learnt_account REFERENCES account, -- NULL: a stage
	at         timestamptz NOT NULL
);
CREATE UNIQUE INDEX learnt_in_use ON learnt (in_use) WHERE in_use;
ALTER TABLE learnt ALTER COLUMN bytes SET STORAGE EXTERNAL;

-- A person decided otherwise than the classifier, or where it had asked. The text is the opinion's.
CREATE TABLE correction (
	id               bigserial CONSTRAINT correction_key PRIMARY KEY,
	opinion_id       bigint NOT NULL CONSTRAINT correction_opinion REFERENCES opinion,
	text_hash        bytea NOT NULL, -- sha256 of the text as it was read
	lexicon          text NOT NULL,  -- the version that had decided
	asked            boolean NOT NULL, -- a person was asked
	from_kind        text NOT NULL,
	to_kind          text, -- NULL: ended without a kind
	from_departments integer[] NOT NULL, -- the leading one first; where a person was asked, candidates
	to_departments   integer[] NOT NULL, -- the leading one first; none: no department's business
	account_id       bigint CONSTRAINT correction_account REFERENCES account,
	at               timestamptz NOT NULL
);
CREATE INDEX correction_of_opinion ON correction (opinion_id, at DESC, id DESC);
CREATE INDEX correction_at ON correction (at);
