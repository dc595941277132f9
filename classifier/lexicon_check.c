#include "classifier/lexicon.h"

#include "base/error.h"
#include "base/matcher.h"

#include <string.h>

static void warning_clear(gpointer warning)
{
	g_free(((struct lexicon_warning *)warning)->text);
}

static const struct term *term_at(const struct lexicon *lexicon, gint index)
{
	return &g_array_index(lexicon->terms, struct term, (guint)index);
}

static const char *code_of(const struct lexicon *lexicon, const struct term *term)
{
	return g_array_index(lexicon->targets, struct target, term->target).code;
}

static gboolean is_former(const struct term *term)
{
	return term->kind == TERM_FORMER;
}

static gboolean is_today(const struct term *term)
{
	return term->kind == TERM_NAME || term->kind == TERM_SHORT;
}

/* Former names of both whose times meet: nobody knows whose it was. */
static gboolean meet(const struct term *a, const struct term *b)
{
	return (!a->from || !b->until || strcmp(a->from, b->until) < 0) &&
	       (!b->from || !a->until || strcmp(b->from, a->until) < 0);
}

/* Takes `text`. */
static void warn(GArray *warnings, enum lexicon_warning_kind kind, const struct term *term,
		 const struct term *other, char *text)
{
	struct lexicon_warning warning = {kind, term->line, other->line, text, FALSE};

	g_array_append_val(warnings, warning);
}

/* What is wrong with a text that stands twice: `b` behind `a`. */
static void compare_same(const struct lexicon *lexicon, const struct term *a, const struct term *b,
			 GArray *warnings)
{
	const char *of_a = code_of(lexicon, a);
	const char *of_b = code_of(lexicon, b);

	if (a->kind == TERM_NOT || b->kind == TERM_NOT || (a->shared && b->shared))
		return;
	if (is_former(a) && is_former(b)) {
		if (meet(a, b))
			warn(warnings, LEXICON_NAMES, b, a,
			     g_strdup_printf(_("“%s” was a name of %s and of %s at one time"),
					     b->text, of_b, of_a));
		return;
	}
	if (is_former(a) && is_today(b))
		warn(warnings, LEXICON_NAMES, b, a,
		     g_strdup_printf(_("“%s” is a name of %s today and was one of %s"), b->text,
				     of_b, of_a));
	else if (is_today(a) && is_former(b))
		warn(warnings, LEXICON_NAMES, b, a,
		     g_strdup_printf(_("“%s” was a name of %s and is one of %s today"), b->text,
				     of_b, of_a));
	else
		warn(warnings, LEXICON_SHARED, b, a,
		     g_strdup_printf(_("“%s” speaks for %s and for %s"), b->text, of_b, of_a));
}

static void find_same(const struct lexicon *lexicon, GArray *warnings)
{
	for (guint i = 0; i < lexicon->terms->len && warnings->len < LEXICON_WARNINGS_MAX; i++) {
		const struct term *term = term_at(lexicon, (gint)i);

		for (gint j = (gint)term->first_same;
		     j >= 0 && j < (gint)i && warnings->len < LEXICON_WARNINGS_MAX;
		     j = term_at(lexicon, j)->next_same) {
			const struct term *other = term_at(lexicon, j);

			if (term->target != other->target)
				compare_same(lexicon, other, term, warnings);
			else if (!term->shared)
				warn(warnings, LEXICON_TWICE, term, other,
				     g_strdup_printf(_("“%s” stands twice in %s: once is enough"),
						     term->text, code_of(lexicon, term)));
		}
	}
}

/* 消防 within 消防验收: where the longer one stands, the shorter one is not read. That `not` does
 * so is what it is for. */
static void warn_swallowed(const struct lexicon *lexicon, const struct term *longer,
			   const struct term *shorter, GArray *warnings)
{
	gboolean own = shorter->target == longer->target;
	gboolean weaker = longer->weight < shorter->weight;

	/* a matter that a name of its own department stands in is none the less a matter */
	if (own && (!weaker || shorter->kind != TERM_WORD || longer->kind != TERM_WORD))
		return;
	if (weaker)
		warn(warnings, LEXICON_WEAKER, longer, shorter,
		     g_strdup_printf(_("“%s” of %s (weight %g) swallows “%s” of %s (weight %g)"),
				     longer->text, code_of(lexicon, longer), longer->weight,
				     shorter->text, code_of(lexicon, shorter), shorter->weight));
	else
		warn(warnings, LEXICON_SWALLOWED, longer, shorter,
		     g_strdup_printf(_("“%s” of %s swallows “%s” of %s"), longer->text,
				     code_of(lexicon, longer), shorter->text,
				     code_of(lexicon, shorter)));
}

static void find_swallowed(const struct lexicon *lexicon, const struct matcher *matcher,
			   const struct term *longer, GArray *warnings)
{
	g_autoptr(GArray) found = matcher_find(matcher, longer->text, strlen(longer->text));

	for (guint i = 0; i < found->len && warnings->len < LEXICON_WARNINGS_MAX; i++) {
		const struct match *match = &g_array_index(found, struct match, i);

		if (match->end - match->start < strlen(longer->text))
			warn_swallowed(lexicon, longer, term_at(lexicon, (gint)match->word),
				       warnings);
	}
}

const char *lexicon_warning_name(enum lexicon_warning_kind kind)
{
	static const char *const names[] = {"names", "shared", "twice", "weaker", "swallowed"};

	return names[kind];
}

const char *lexicon_warning_meaning(enum lexicon_warning_kind kind)
{
	static const char *const meanings[] = {
	    [LEXICON_NAMES] = N_("a name of two departments"),
	    [LEXICON_SHARED] = N_("a word in two departments, not called shared (also=…)"),
	    [LEXICON_TWICE] = N_("a word twice in its department"),
	    [LEXICON_WEAKER] = N_("a longer word swallows one that weighs more"),
	    [LEXICON_SWALLOWED] =
		N_("a longer word swallows one of another department (often meant)"),
	};

	return meanings[kind];
}

static gint by_kind(gconstpointer a, gconstpointer b)
{
	const struct lexicon_warning *one = a;
	const struct lexicon_warning *two = b;

	if (one->kind != two->kind)
		return one->kind < two->kind ? -1 : 1;
	if (one->line != two->line)
		return one->line < two->line ? -1 : 1;
	if (one->other != two->other)
		return one->other < two->other ? -1 : 1;
	return strcmp(one->text, two->text);
}

GArray *lexicon_warnings(const struct lexicon *lexicon)
{
	GArray *warnings = g_array_new(FALSE, FALSE, sizeof(struct lexicon_warning));
	struct matcher_builder *builder = matcher_builder_new();
	g_autoptr(matcher_handle) matcher = NULL;

	g_array_set_clear_func(warnings, warning_clear);
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = term_at(lexicon, (gint)i);

		if (term->kind != TERM_NOT && !term->repeated)
			matcher_add(builder, term->text, i);
	}
	matcher = matcher_build(builder);
	find_same(lexicon, warnings);
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = term_at(lexicon, (gint)i);

		if (term->kind != TERM_NOT && !term->repeated)
			find_swallowed(lexicon, matcher, term, warnings);
	}
	g_array_sort(warnings, by_kind);
	return warnings;
}

guint lexicon_warnings_compare(GArray *warnings, const struct lexicon *before)
{
	g_autoptr(GArray) had = lexicon_warnings(before);
	g_autoptr(GHashTable) texts = g_hash_table_new(g_str_hash, g_str_equal);
	guint added = 0;

	/* a text tells its kind */
	for (guint i = 0; i < had->len; i++)
		g_hash_table_add(texts, g_array_index(had, struct lexicon_warning, i).text);
	for (guint i = 0; i < warnings->len; i++) {
		struct lexicon_warning *warning =
		    &g_array_index(warnings, struct lexicon_warning, i);

		warning->added = !g_hash_table_contains(texts, warning->text);
		added += warning->added ? 1 : 0;
	}
	return added;
}
