#pragma once

/*
 * Character n-grams: one to three letters in a row (Han characters, Latin letters; no digits,
 * punctuation or spaces between), counted over many texts.
 */
#include <glib.h>

#define GRAM_LETTERS    3        /* at most */
#define GRAM_CHARS_MAX  4000000u /* of all texts together: what is behind is not looked at */
#define GRAM_TEXT_CHARS 2000u    /* of one text, likewise */

/* What a text opens with says most of what it is about: a title, the first clause. */
#define GRAM_OPENING 20u /* characters */
#define GRAM_OPENS   3u  /* an n-gram there counts so often */

struct gram_entry {
	guint32 gram;
	guint32 count; /* in this text, with GRAM_OPENS */
};

struct grams {
	guint texts;     /* of those given, how many were read */
	guint distinct;  /* n-grams that stand in at least two texts */
	guint64 *keys;   /* gram → its letters, see gram_text() */
	guint32 *in;     /* gram → in how many texts */
	guint *start;    /* text → its first entry; texts + 1 */
	GArray *entries; /* struct gram_entry */
};

/* Counts the n-grams of `n` texts in UTF-8. Returns: (transfer full) */
struct grams *grams_count(const char *const *texts, guint n);
void grams_free(struct grams *grams);

/* The letters of a gram. Returns: (transfer full) */
char *gram_text(guint64 key);

typedef struct grams grams_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(grams_handle, grams_free)
