#pragma once

/*
 * In which language _() speaks: a process has one, a thread may have another (a page has its
 * reader's). What is kept (in the database, or passed on by the process that reads) is kept in
 * English, and said in the language of who looks at it.
 */
#include <glib.h>

/* The process speaks English, else Chinese. Before threads start and _() is used. */
void language_begin(gboolean english);

/* This thread speaks "en" or "zh" from now on, whatever the process does. */
void language_use(const char *language);

/*
 * A message of ours that was kept in English, in this thread's language: a msgid, or one that was
 * filled in ("signal 11"), whose parts are looked up as well. What is no message of ours is copied.
 * Returns: (transfer full)
 */
char *language_kept(const char *text);
