-- How many there are, so that no page counts a million: the sum of n over rows that are alike. A change adds
-- rows, so that nobody waits for another; tally_add() adds them up now and then.
CREATE TABLE tally (
	id            bigserial CONSTRAINT tally_key PRIMARY KEY,
	noun          text NOT NULL CONSTRAINT tally_noun CHECK (noun IN
	              ('opinion', -- opinions
	               'placed',  -- opinions by each of their departments
	               'item')),  -- rectifications, but for drafts
	round_id      bigint NOT NULL,
	department_no integer NOT NULL, -- 0 of an opinion
	state         text NOT NULL,
	due           date NOT NULL,    -- infinity: no clock runs
	n             bigint NOT NULL
);
