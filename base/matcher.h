#pragma once

/*
 * Many words found in one pass over UTF-8 text (Aho-Corasick over bytes, transitions compressed by
 * byte classes). Built once from words, then read-only and shared among threads.
 */
#include <glib.h>

struct matcher;

struct match {
	guint start; /* bytes from the beginning of the text */
	guint end;   /* behind the last byte */
	guint word;  /* the number given to matcher_add() */
};

struct matcher_builder;

struct matcher_builder *matcher_builder_new(void);
/* Adds `text` (not empty) under a number; the same text may have several numbers. */
void matcher_add(struct matcher_builder *builder, const char *text, guint word);
/* Builds the automaton and frees the builder. Returns: (transfer full) */
struct matcher *matcher_build(struct matcher_builder *builder);
void matcher_free(struct matcher *matcher);

/* Every occurrence of every word, by end and then longest first. Returns: (transfer full) an array
 * of struct match. */
GArray *matcher_find(const struct matcher *matcher, const char *text, gsize size);

/* Keeps the longest of overlapping matches, the earlier of equally long ones; matches of the same
 * place stay together. Sorts by start. */
void match_keep_longest(GArray *matches);

typedef struct matcher matcher_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(matcher_handle, matcher_free)
