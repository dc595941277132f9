#pragma once

/*
 * What stands within a block of a mailed letter: words, slots, links, pictures, emphasis; as HTML
 * or as plain text. letter_mail.c makes the blocks. White space is one space between words, none at
 * the borders of a block, and none where a line of Chinese was broken in the template.
 */
#include "templates/view_program.h"

/* Where the writing of a part stands. */
struct letter_writer {
	struct view_builder builder;
	gboolean html;
	gboolean subject;
	gboolean chinese;
	gboolean start;    /* nothing of the block is written yet */
	gboolean space;    /* white space was seen since … */
	gboolean line_end; /* … and a line end was in it */
	gboolean wide;     /* the last character was a wide one */
	guint list_depth;
};

/* Writes an element; FALSE with PINGYI_ERROR_INPUT, file and line. */
typedef gboolean letter_write_function(struct letter_writer *writer, const xmlNode *node,
				       GError **error);

/* Text as it stands; a line end becomes CR LF. */
void letter_put(struct letter_writer *writer, const char *text);

/* ' style="…"', nothing for NULL. */
void letter_put_style(struct letter_writer *writer, const char *style);

/* The inline style of an element ("p", "td.n"), NULL when it has none. */
const char *letter_style_of(const char *name);

void letter_start_block(struct letter_writer *writer);

/* Refuses prefixes and bindings that mean nothing on this element. */
gboolean letter_check_bindings(struct letter_writer *writer, const xmlNode *node, GError **error);

/* An element, where its p:if holds; nothing where it is for paper only. */
gboolean letter_write_conditional(struct letter_writer *writer, const xmlNode *node,
				  letter_write_function *write, GError **error);

/* The content of an element: p:text, or text and inline elements (lists are left out). */
gboolean letter_write_inline(struct letter_writer *writer, const xmlNode *node, GError **error);

/* A link in `style`; in plain text its address follows where it says more than the words. */
gboolean letter_write_link(struct letter_writer *writer, const xmlNode *node, const char *style,
			   GError **error);

gboolean letter_is_list(const xmlNode *node);
