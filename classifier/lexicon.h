#pragma once

/*
 * The lexicon: which departments there are, what they are and were called, and which words speak of
 * their business. One XML file (classifier/lexicon.rng) that a person can edit. It declares its own
 * targets: departments, or labels that are none (a label is not looked for in texts).
 */
#include <glib.h>

#define LEXICON_TERMS_MAX    50000
#define LEXICON_SIZE_MAX     (4u << 20)   /* bytes of the file */
#define LEXICON_BYTES_MAX    (640u << 10) /* of all names and words */
#define LEXICON_WARNINGS_MAX 50000
#define LEXICON_BUILT_IN     "built-in" /* no file may call its version so */

enum term_kind {
	TERM_NAME,   /* the official name */
	TERM_SHORT,  /* a short name */
	TERM_FORMER, /* a name it had; `until` tells when it ended */
	TERM_WORD,   /* a matter of its own */
	TERM_NOT,    /* a longer word that counts for nobody: 环保袋 */
};

struct term {
	enum term_kind kind;
	char *text;
	double weight;
	guint target; /* index into the lexicon's targets */
	char *from;   /* of a former name: dates YYYY-MM-DD, or NULL; … */
	char *until;  /* … it was no longer the name on this day */
	guint line;
	gboolean shared;   /* the file says that it speaks for several departments */
	gboolean repeated; /* stands in its target before: this one never counts */
	guint first_same;  /* index of the first term of the same text … */
	gint next_same;    /* … and of the next one, or -1 */
};

struct target {
	gint no;
	char *code;
	char *name;     /* or the label */
	gboolean label; /* no department */
	char *category;
	guint line;
};

struct lexicon {
	char *version;
	guint line;      /* where it stands */
	GArray *targets; /* struct target */
	GArray *terms;   /* struct term */
};

/* Reads and checks a lexicon. PINGYI_ERROR_INPUT names `name` and the line.
 * Returns: (transfer full) */
struct lexicon *lexicon_parse(const char *name, const char *xml, gsize size, GError **error);

/* The file at `path`, which errors name. `text_out` (transfer full, may be NULL) gets its text.
 * Returns: (transfer full) */
struct lexicon *lexicon_read(const char *path, char **text_out, GError **error);

/* The one that the binary carries, and its text, which the binary owns. */
struct lexicon *lexicon_default(GError **error);
const char *lexicon_default_text(void);

void lexicon_free(struct lexicon *lexicon);

/*
 * Whether a name is its target's in a text written on `day` (YYYY-MM-DD; NULL: nobody knows). One
 * that is no other target's always is, also years after it ended: people go on using it. Of several
 * targets that have or had it, it is that of the one whose dates cover the day; else of the one
 * that has it today; else of the one that lost it last. What is no name is always its target's;
 * what is `repeated` never.
 */
gboolean lexicon_holds(const struct lexicon *lexicon, guint term, const char *day);

/* The target of this code, or NULL. */
const struct target *lexicon_target(const struct lexicon *lexicon, const char *code);

/* "name", "short", "former", "word", "not": the elements of the file. */
const char *term_kind_name(enum term_kind kind);

/* What is allowed and yet perhaps not meant. */
enum lexicon_warning_kind {
	LEXICON_NAMES,     /* a name of two departments at one time, or of one that another had */
	LEXICON_SHARED,    /* a word in two departments that the file does not call shared */
	LEXICON_TWICE,     /* a word twice in its department */
	LEXICON_WEAKER,    /* a longer word swallows one that weighs more */
	LEXICON_SWALLOWED, /* a longer word swallows one of another department: often meant */
};

struct lexicon_warning {
	enum lexicon_warning_kind kind;
	guint line;     /* of the later one */
	guint other;    /* line of the one it collides with */
	char *text;     /* one line for people, without the lines */
	gboolean added; /* by lexicon_warnings_compare() */
};

/* A word in two departments that the file does not call shared (also=…), a name of two departments,
 * a word that a longer one swallows, of another department or weighing less (other words than names
 * of its own): at most LEXICON_WARNINGS_MAX, by kind, then line.
 * Returns: (transfer full) an array of struct lexicon_warning. */
GArray *lexicon_warnings(const struct lexicon *lexicon);

/* Marks which of `warnings` another lexicon, that was there before, does not have; returns how
 * many: what whoever changed it brought in, wherever it stands in the file. */
guint lexicon_warnings_compare(GArray *warnings, const struct lexicon *before);

/* "names", "shared", "twice", "weaker", "swallowed"; and what it is, a msgid. */
const char *lexicon_warning_name(enum lexicon_warning_kind kind);
const char *lexicon_warning_meaning(enum lexicon_warning_kind kind);

/* What differs between two lexicons. */
struct lexicon_change {
	char sign;        /* '+' is new, '-' is gone, '~' is another now */
	const char *code; /* of the target; borrowed, as `text`, from either lexicon */
	const char *what; /* "target" or the kind of the term */
	const char *text;
	char *from; /* name and category, or weight and dates: NULL where there is none */
	char *to;
};

/* The way from `a` to `b`: targets, then terms, by code, kind and text; what a person who moved a
 * word to another department did is a '-' and a '+'. Returns: (transfer full) an array of struct
 * lexicon_change, which borrows from both. */
GArray *lexicon_diff(const struct lexicon *a, const struct lexicon *b);

typedef struct lexicon lexicon_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(lexicon_handle, lexicon_free)
