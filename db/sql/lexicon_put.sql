-- Keeps a lexicon as a version. Returns whether it is new.
-- $1 text: version; $2 text: the file; $3 bigint: who; $4 timestamptz: now
SELECT lexicon_put($1::text, $2::text, $3::bigint, $4::timestamptz)
