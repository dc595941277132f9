#pragma once

/* Text for a terminal, measured in columns: Chinese characters take two. */
#include <glib.h>

#define TERMINAL_USUAL 80 /* columns */

/* The columns of stdout; 0 where it is no terminal. */
guint terminal_width(void);

/*
 * Appends `text` to a line of which `column` columns are taken, and goes on in further lines that
 * begin with `indent` spaces, so that none is wider than `width`; after `lines` of them (0: any
 * number) the rest is cut, with …. White space is one space, controls and signs that turn the
 * direction of writing around are left out: it may be a stranger's. Ends with a line break.
 */
void terminal_wrap(GString *out, guint column, guint indent, guint width, guint lines,
		   const char *text);

/* A line "  From      somebody", whose value begins in `column` and takes at most `lines` (0: any
 * number); nothing where the value is NULL or empty. */
void terminal_field(GString *out, guint column, const char *label, const char *value, guint lines,
		    guint width);

/* Appends spaces until `column`, at least two, behind a text that ends there already. */
void terminal_pad(GString *out, const char *text, guint column);
