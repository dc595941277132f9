-- From now on this version of the learnt layer decides beside the lexicon.
-- $1 bigint: version, or NULL for none; $2 bigint: who, or NULL; $3 timestamptz: now
SELECT learnt_use($1::bigint, $2::bigint, $3::timestamptz)
