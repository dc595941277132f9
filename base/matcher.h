#pragma once

/*
 * Many words found in one pass over UTF-8 text: Aho-Corasick over bytes, transitions compressed by
 * byte classes, states of two bytes where they fit. Each byte of a text waits for the one before
 * it, so four places are read in turn: of four texts, or of one that is cut. Where few places of a
 * text can begin a word at all (matcher_filter.h), only these are looked at; what is found is the
 * same. Built once from words, then read-only and shared among threads. Any bytes may be searched.
 */
#include <glib.h>

#define MATCHER_FOUND_MAX (1u << 20) /* matches of one text; the others are left out */

struct matcher;

struct match {
	guint start; /* bytes from the beginning of the text */
	guint end;   /* behind the last byte */
	guint word;  /* the number given to matcher_add() */
};

struct matcher_text {
	const char *text;
	gsize size;
};

struct matcher_builder;

struct matcher_builder *matcher_builder_new(void);
/* Adds `text` (not empty) under a number; the same text may have several numbers. */
void matcher_add(struct matcher_builder *builder, const char *text, guint word);
/* Builds the automaton and frees the builder. It takes at most 2 bytes (4 from 65,536 bytes of
 * words on) for each byte of the words and each byte value that occurs in them. Returns: (transfer
 * full) */
struct matcher *matcher_build(struct matcher_builder *builder);
void matcher_free(struct matcher *matcher);

/* Every occurrence of every word, by end, then longest first, then by number. Returns: (transfer
 * full) an array of struct match. */
GArray *matcher_find(const struct matcher *matcher, const char *text, gsize size);

/* The same in each of `count` texts: found_out gets so many arrays. (transfer full) */
void matcher_find_many(const struct matcher *matcher, const struct matcher_text *texts, guint count,
		       GArray **found_out);

/* Of matches by end: keeps the longest of those that overlap, the earlier of equally long ones;
 * matches of the same place stay together. Sorts by start. */
void match_keep_longest(GArray *matches);

typedef struct matcher matcher_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(matcher_handle, matcher_free)
