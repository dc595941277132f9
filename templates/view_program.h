#pragma once

/*
 * Inside of the template engine: expressions, programs, and what builds them. Used by view.c, the
 * files of their names, letter_view.c and letter_print.c only.
 */
#include "templates/view.h"

#include <libxml/tree.h>

enum view_format {
	FORMAT_NONE,
	FORMAT_DATE,
	FORMAT_TIME,
	FORMAT_NUMBER,
	FORMAT_PERCENT,
	FORMAT_DAYS,
	FORMAT_COUNT,
	FORMAT_WORD,
	FORMAT_MESSAGE,
};

/* Where a slot stands, which says how it escapes. */
enum view_place {
	PLACE_TEXT,
	PLACE_ATTRIBUTE,
	PLACE_URL,      /* a whole address */
	PLACE_URL_PART, /* a piece in braces of one */
	PLACE_LINES,    /* text of a letter: line ends become <br> */
	PLACE_PLAIN,    /* plain text; line ends stay LF */
	PLACE_MAIL,     /* the text part of a letter: line ends become CR LF */
};

struct view_path {
	int loop;          /* the p:each it begins with, counted from the outermost; -1: the data */
	int field;         /* of a letter; -1: by name */
	gboolean optional; /* "?": may be absent */
	char **names;      /* members, outermost first, NULL-terminated */
};

/* A piece of an expression: a literal, or a path with its format. */
struct view_piece {
	char *literal; /* or NULL */
	struct view_path path;
	enum view_format format;
};

enum view_test {
	TEST_NONE, /* no condition: pieces */
	TEST_TRUE,
	TEST_FALSE,
	TEST_EQUAL,
	TEST_DIFFERENT,
};

struct view_expression {
	enum view_test test;
	GArray *pieces; /* of struct view_piece; of a comparison the two sides */
	gboolean braces;
	const char *file; /* where it stands; owned by the program */
	long line;
};

enum view_op_kind {
	OP_LITERAL,     /* a, b: offset and length in the program's text */
	OP_SLOT,        /* a: expression, b: place */
	OP_ATTRIBUTE,   /* a: expression, b: place, c, d: the name */
	OP_UNLESS,      /* a: expression; where it is false, on with op c */
	OP_EACH,        /* a: expression, b: loop; where the array is empty, on with op c */
	OP_NEXT,        /* b: loop; while there is another member, on with op c */
	OP_LIST,        /* a numbered list of depth a begins */
	OP_LIST_NUMBER, /* the next number of the list of depth a */
};

struct view_op {
	enum view_op_kind kind;
	guint a, b, c, d;
};

struct view_program {
	GString *text;
	GArray *ops;            /* of struct view_op */
	GPtrArray *expressions; /* of struct view_expression */
	GStringChunk *names;
	gboolean english;
	gboolean paper; /* dates are written out */
	gboolean joint; /* a jump leads behind the last op, so that no literal may be added to it */
};

#define LIST_DEPTH_MAX 4

/* What is known while a program is built. */
struct view_builder {
	struct view_program *program;
	const char *file;          /* the template now read */
	const char *const *fields; /* or NULL */
	gboolean letter;           /* fields are places in an array of strings */
	const char *loops[VIEW_LOOPS_MAX];
	guint loop_count;
};

struct view_program *view_program_new(gboolean english);
void view_program_free(struct view_program *program);

void view_build_literal(struct view_builder *builder, const char *text, gssize length);
guint view_build_op(struct view_builder *builder, enum view_op_kind kind, guint a, guint b);
void view_build_target(struct view_builder *builder, guint op); /* op's c: what comes next */

/* Reads an expression (`condition`: only a condition). Its number goes to `number_out`; FALSE with
 * PINGYI_ERROR_INPUT. `node` says where it stands. */
gboolean view_build_expression(struct view_builder *builder, const xmlNode *node, const char *text,
			       gboolean condition, guint *number_out, GError **error);
/* Begins what is there only where `condition` holds; view_build_target() ends it. */
gboolean view_build_if(struct view_builder *builder, const xmlNode *node, const char *condition,
		       guint *op_out, GError **error);
void view_build_attribute(struct view_builder *builder, const char *name, guint expression,
			  enum view_place place);

/* "file:line: …", PINGYI_ERROR_INPUT; always FALSE. */
gboolean view_refuse(const struct view_builder *builder, const xmlNode *node, GError **error,
		     const char *format, ...) G_GNUC_PRINTF(4, 5);

/* The value of an attribute in our namespace, or NULL. Returns: (transfer full) g_free() */
char *view_binding(const xmlNode *node, const char *name);

/* Runs a program over `data` (an object) or, for a letter, `values`. */
gboolean view_run(const struct view_program *program, JsonNode *data, const char *const *values,
		  GString *out, GError **error);

/* Fixes the fields of a letter's program whose value is not NULL: what depends on them alone
 * becomes literal text, and what never comes is left out. */
void view_fix(struct view_program *program, const char *const *values);

void view_expression_free(struct view_expression *expression);
