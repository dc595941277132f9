-- From now on this version decides.
-- $1 text: version, or NULL for the program's own; $2 bigint: who; $3 timestamptz: now
SELECT lexicon_use($1::text, $2::bigint, $3::timestamptz)
