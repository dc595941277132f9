-- Keeps the program's own lexicon, once. Returns what opinions call it.
-- $1 text: version; $2 text: the file; $3 timestamptz: now
SELECT lexicon_keep($1::text, $2::text, $3::timestamptz)
