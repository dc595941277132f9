#pragma once

/* Cuts a text into sentences: at line ends, 。！？； and list marks (一、 1. （2） - ·). */
#include <glib.h>

struct span {
	guint start; /* bytes, white space and list marks left out */
	guint end;
	gboolean paragraph; /* the first of its line or list item */
};

/* Returns: (transfer full) an array of struct span, perhaps empty. */
GArray *split_sentences(const char *text, gsize size);
