#pragma once

/*
 * Text in the form in which words are compared: traditional characters as simplified ones (OpenCC's
 * table; also radicals and compatibility characters, which PDFs hold), full-width forms as
 * half-width ones, capitals as small letters (Latin, Greek, Cyrillic), and blanks between two
 * Chinese characters left out, as in "税 务 局": at most FOLD_GAP_MAX of them, so that columns stay
 * apart, and no line ends. Each place has its place in the original. Never longer than the
 * original. Folding what is folded changes nothing. Any bytes may come; those that are no UTF-8
 * stay.
 */
#include "base/matcher.h"

#define FOLD_GAP_MAX 4 /* blanks */

struct folded {
	const char *text; /* the original itself when nothing folds */
	gsize size;
	const char *original; /* borrowed: it must live as long */
	gsize original_size;
	char *own;     /* the text, ended by NUL, and … */
	guint32 *from; /* … where each byte's character begins; both NULL when nothing folds */
};

/* `size`: at most G_MAXUINT32. Free with fold_clear(). */
void fold_text(const char *text, gsize size, struct folded *folded_out);
void fold_clear(struct folded *folded);

/* Where what begins, or ends, at a place of the folded text does so in the original: an end stands
 * behind its last character, in front of blanks. */
guint fold_start(const struct folded *folded, guint place);
guint fold_end(const struct folded *folded, guint place);

/* What a character folds to by itself; all blanks but line ends become ' '. */
gunichar fold_character(gunichar c);

/* A word, a name. Returns: (transfer full) */
char *fold_word(const char *word);

/* The matcher over folded words and texts: fold_add() as matcher_add();
 * fold_find() as matcher_find(), with places in the original. */
void fold_add(struct matcher_builder *builder, const char *word, guint number);
GArray *fold_find(const struct matcher *matcher, const char *text, gsize size);
