-- Makes reminders, where they are still wanted; arrays of one length. Returns how many.
-- $1 bigint: round; $2 bigint[]: letters; $3 integer[]: the how manieth of its letter each is; $4
-- text[]: Message-IDs; $5 bigint: who, NULL for the system; $6 timestamptz: now
SELECT reminder_make($1::bigint, $2::bigint[], $3::integer[], $4::text[], $5::bigint,
	$6::timestamptz)
