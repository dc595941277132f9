#pragma once

/* What a grid is made of: for templates/grid.c and templates/sheet.c. */
#include "templates/sheet.h"

struct grid_column {
	char *heading;
	enum grid_kind kind;
};

struct grid {
	char *title;
	GArray *columns; /* of struct grid_column */
	GPtrArray *rows; /* of char ** */
	GPtrArray *feet; /* of char * */
};

/* How many columns of a terminal a text takes: Chinese characters take two. */
guint grid_width(const char *text);
