#pragma once

/*
 * The third face of a letter: what letter_view_fill_print() appends, and how it is taken apart
 * again. The face is one stream of text with marks; a mark is a control character, and none can
 * come from anywhere else, since XML has none and values lose theirs. A block is a span of bytes of
 * its own, so that equal bytes are an equal paragraph wherever they stand. Pure.
 *
 *   PRINT_BLOCK kind …      begins a block; kind is one letter of enum print_kind
 *   PRINT_BLOCK 'i' depth … a list item: its depth from '1', its number ("2. ", nothing in a
 *                           bulleted list), PRINT_CELL, its text
 *   PRINT_BLOCK 'r' …       a row of a table; each cell is PRINT_CELL, 'h' or 'd' (a heading or
 *                           not), its text; PRINT_BLOCK 't' stands before the first row
 *   PRINT_STRONG … PRINT_END   (<strong>, <em>)        PRINT_LINK … PRINT_END  (<a>)
 *   '\n'                    a line end within the block
 */
#include "templates/view.h"

#define PRINT_BLOCK  '\x01'
#define PRINT_CELL   '\x02'
#define PRINT_STRONG '\x03'
#define PRINT_LINK   '\x04'
#define PRINT_END    '\x05'

enum print_kind {
	PRINT_TITLE = '1', /* h1 */
	PRINT_HEADING = '2',
	PRINT_SUBHEADING = '3',
	PRINT_PARAGRAPH = 'p',
	PRINT_OPENING = 'o',
	PRINT_SIGN = 's',
	PRINT_SMALL = 'm',
	PRINT_QUOTE = 'q',
	PRINT_ITEM = 'i',
	PRINT_TABLE = 't',
	PRINT_ROW = 'r',
};

struct view_program;
struct _xmlNode;

/* Compiles the face from a letter's <body>, which has been compiled for the mail before, so that
 * what is wrong with it was said. Returns: (transfer full) NULL with PINGYI_ERROR_INPUT. */
struct view_program *letter_print_compile(const char *language, const char *name,
					  const struct _xmlNode *body, GError **error);

/* A block of the stream; its text is borrowed and ends at `size`. */
struct print_block {
	enum print_kind kind;
	const char *key; /* the whole block, mark and all */
	gsize key_size;
	const char *text;
	gsize size;
	guint depth;        /* of an item, from 1 */
	const char *number; /* of an item: "2. ", or "" */
	gsize number_size;
};

/* The next block at *at, which moves on; FALSE at the end. Blocks without any text are left out. */
gboolean letter_print_next(const GString *stream, gsize *at, struct print_block *block_out);
