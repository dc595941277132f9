-- Messages that are no answers, or that wait for a person; those that ask for it end the reminders to
-- their letter's enterprise. By letter, as messages_file has it.
-- $1 bigint[]: messages; $2 text[]: states; $3 text[]: why; $4 bigint[]: letters; $5 bigint[]: mails that
-- came back, as message_note has them; $6 boolean[]: no more reminders; $7 timestamptz: now
SELECT message_note(n.message, n.state, n.why, n.letter, n.mailing, NULL, $7::timestamptz),
	CASE WHEN n.silence THEN letter_silence(n.letter, $7::timestamptz) END
FROM (SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::boolean[])
	AS x(message, state, why, letter, mailing, silence) ORDER BY letter, mailing, message) n
