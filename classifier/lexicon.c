#include "classifier/lexicon.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/xml.h"
#include "classifier/lexicon_reason.h"

#include <string.h>

#define GRAMMAR     "classifier/lexicon.rng"
#define DEFAULT     "classifier/lexicon.xml"
#define WEIGHT_NAME 6.0
#define WEIGHT_WORD 3.0

/* A file that is being read. */
struct reading {
	const char *name;
	struct lexicon *lexicon;
	GHashTable *last; /* text → index + 1 of the last term of it */
	gsize bytes;      /* of all terms */
};

static const char *const kind_names[] = {
    [TERM_NAME] = "name", [TERM_SHORT] = "short", [TERM_FORMER] = "former",
    [TERM_WORD] = "word", [TERM_NOT] = "not",
};

const char *term_kind_name(enum term_kind kind)
{
	return kind_names[kind];
}

static void term_clear(gpointer data)
{
	struct term *term = data;

	g_free(term->text);
	g_free(term->from);
	g_free(term->until);
}

static void target_clear(gpointer data)
{
	struct target *target = data;

	g_free(target->code);
	g_free(target->name);
	g_free(target->category);
}

static struct term *term_at(const struct lexicon *lexicon, guint index)
{
	return &g_array_index(lexicon->terms, struct term, index);
}

static gboolean kind_of(const xmlNode *node, enum term_kind *kind_out)
{
	for (guint i = 0; i < G_N_ELEMENTS(kind_names); i++)
		if (xml_is(node, kind_names[i])) {
			*kind_out = (enum term_kind)i;
			return TRUE;
		}
	return FALSE;
}

/* As the grammar's token: what stands between words of a term is one space. Takes `text`. */
static char *collapse(char *text)
{
	char *to = text;

	for (const char *at = text; *at; at++)
		if (!g_ascii_isspace(*at))
			*to++ = *at;
		else if (to > text && to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
	return text;
}

/* Hangs the term at `index` behind the others of its text. */
static void chain(struct reading *reading, guint index)
{
	struct term *term = term_at(reading->lexicon, index);
	guint before = GPOINTER_TO_UINT(g_hash_table_lookup(reading->last, term->text));

	term->first_same = before ? term_at(reading->lexicon, before - 1)->first_same : index;
	term->next_same = -1;
	for (gint i = before ? (gint)term->first_same : -1; i >= 0;
	     i = term_at(reading->lexicon, (guint)i)->next_same)
		term->repeated |= term_at(reading->lexicon, (guint)i)->target == term->target;
	if (term->repeated)
		return;
	if (before)
		term_at(reading->lexicon, before - 1)->next_same = (gint)index;
	g_hash_table_insert(reading->last, g_strdup(term->text), GUINT_TO_POINTER(index + 1));
}

static gboolean add_term(struct reading *reading, const xmlNode *node, guint target,
			 enum term_kind kind, GError **error)
{
	struct lexicon *lexicon = reading->lexicon;
	g_autofree char *weight = xml_attribute(node, "weight");
	g_autofree char *also = xml_attribute(node, "also");
	struct term term = {.kind = kind,
			    .text = collapse(xml_text(node)),
			    .target = target,
			    .from = xml_attribute(node, "from"),
			    .until = xml_attribute(node, "to"),
			    .line = (guint)xmlGetLineNo(node),
			    .shared = also != NULL};

	term.weight =
	    weight ? g_ascii_strtod(weight, NULL) : (kind == TERM_WORD ? WEIGHT_WORD : WEIGHT_NAME);
	g_array_append_val(lexicon->terms, term);
	reading->bytes += strlen(term.text);
	if (lexicon->terms->len > LEXICON_TERMS_MAX || reading->bytes > LEXICON_BYTES_MAX)
		return xml_fail(error, reading->name, node, _("too many names and words"));
	if (term.from && term.until && strcmp(term.from, term.until) >= 0)
		return xml_fail(error, reading->name, node, _("the name ends before it begins"));
	chain(reading, lexicon->terms->len - 1);
	return TRUE;
}

/* A target declared above that this one cannot stand beside. */
static gboolean is_new(const struct reading *reading, const xmlNode *node,
		       const struct target *target, GError **error)
{
	for (guint i = 0; i < reading->lexicon->targets->len; i++) {
		const struct target *other =
		    &g_array_index(reading->lexicon->targets, struct target, i);
		g_autofree char *message = NULL;

		if (strcmp(other->code, target->code) == 0)
			message = g_strdup_printf(_("the target of line %u has the code %s too"),
						  other->line, target->code);
		else if (other->no == target->no)
			message = g_strdup_printf(_("the target of line %u has the number %d too"),
						  other->line, target->no);
		else if (g_strcmp0(other->name, target->name) == 0)
			message = g_strdup_printf(_("the target of line %u has the name %s too"),
						  other->line, target->name);
		if (message)
			return xml_fail(error, reading->name, node, message);
	}
	return TRUE;
}

static gboolean add_target(struct reading *reading, const xmlNode *node, GError **error)
{
	struct lexicon *lexicon = reading->lexicon;
	g_autofree char *no = xml_attribute(node, "no");
	struct target target = {.no = (gint)g_ascii_strtoll(no, NULL, 10),
				.code = g_strstrip(xml_attribute(node, "code")),
				.category = xml_attribute(node, "category"),
				.line = (guint)xmlGetLineNo(node)};
	gboolean good;

	for (const xmlNode *child = node->children; child && !target.name; child = child->next) {
		target.label = xml_is(child, "label");
		if (target.label || xml_is(child, "name"))
			target.name = collapse(xml_text(child));
	}
	good = is_new(reading, node, &target, error);
	g_array_append_val(lexicon->targets, target);
	for (const xmlNode *child = node->children; child && good; child = child->next) {
		enum term_kind kind;

		good = !kind_of(child, &kind) ||
		       add_term(reading, child, lexicon->targets->len - 1, kind, error);
	}
	return good;
}

static gint target_index(const struct lexicon *lexicon, const char *code)
{
	for (guint i = 0; i < lexicon->targets->len; i++)
		if (strcmp(g_array_index(lexicon->targets, struct target, i).code, code) == 0)
			return (gint)i;
	return -1;
}

/* also="d05 d40": the word speaks for them too. Codes may stand above what they name. */
static gboolean share_word(struct reading *reading, const xmlNode *node, GError **error)
{
	g_autofree char *also = xml_attribute(node, "also");
	g_auto(GStrv) codes = also ? g_strsplit(also, " ", -1) : NULL;

	for (guint i = 0; codes && codes[i]; i++) {
		gint target = target_index(reading->lexicon, codes[i]);
		g_autofree char *message = NULL;

		if (!*codes[i])
			continue;
		if (target >= 0) {
			if (!add_term(reading, node, (guint)target, TERM_WORD, error))
				return FALSE;
			continue;
		}
		message = g_strdup_printf(_("no target has the code %s"), codes[i]);
		return xml_fail(error, reading->name, node, message);
	}
	return TRUE;
}

static gboolean read_targets(struct reading *reading, const xmlNode *root, GError **error)
{
	for (const xmlNode *node = root->children; node; node = node->next)
		if (xml_is(node, "target") && !add_target(reading, node, error))
			return FALSE;
	for (const xmlNode *node = root->children; node; node = node->next)
		for (const xmlNode *word = node->children; word; word = word->next)
			if (xml_is(word, "word") && !share_word(reading, word, error))
				return FALSE;
	return TRUE;
}

static gboolean is_short(const char *name, gsize size, GError **error)
{
	if (size <= LEXICON_SIZE_MAX)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: longer than %u MB"), name,
		    LEXICON_SIZE_MAX >> 20);
	return FALSE;
}

struct lexicon *lexicon_parse(const char *name, const char *xml, gsize size, GError **error)
{
	g_autoptr(xmlDoc) doc =
	    is_short(name, size, error) ? xml_parse(name, xml, size, GRAMMAR, error) : NULL;
	g_autoptr(lexicon_handle) lexicon = g_new0(struct lexicon, 1);
	g_autoptr(GHashTable) last = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	struct reading reading = {.name = name, .lexicon = lexicon, .last = last};
	const xmlNode *root;

	lexicon->targets = g_array_new(FALSE, TRUE, sizeof(struct target));
	g_array_set_clear_func(lexicon->targets, target_clear);
	lexicon->terms = g_array_new(FALSE, TRUE, sizeof(struct term));
	g_array_set_clear_func(lexicon->terms, term_clear);
	if (!doc && size <= LEXICON_SIZE_MAX)
		lexicon_reason(name, xml, size, error);
	if (!doc)
		return NULL;
	root = xmlDocGetRootElement(doc);
	lexicon->version = g_strstrip(xml_attribute(root, "version"));
	lexicon->line = (guint)xmlGetLineNo(root);
	if (strcmp(lexicon->version, LEXICON_BUILT_IN) == 0) {
		xml_fail(error, name, root, _("this version's name means the program's own"));
		return NULL;
	}
	return read_targets(&reading, root, error) ? g_steal_pointer(&lexicon) : NULL;
}

struct lexicon *lexicon_read(const char *path, char **text_out, GError **error)
{
	g_autofree char *text = NULL;
	g_autoptr(GError) problem = NULL;
	struct lexicon *lexicon;
	gsize size = 0;

	if (!g_file_get_contents(path, &text, &size, &problem)) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, problem->message);
		return NULL;
	}
	lexicon = lexicon_parse(path, text, size, error);
	/* it is kept as text: XML in another encoding would not be what its declaration says */
	if (lexicon && (strlen(text) != size || !g_utf8_validate(text, -1, NULL))) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: is not UTF-8"), path);
		g_clear_pointer(&lexicon, lexicon_free);
	}
	if (lexicon && text_out)
		*text_out = g_steal_pointer(&text);
	return lexicon;
}

const char *lexicon_default_text(void)
{
	return asset_find(DEFAULT)->text;
}

struct lexicon *lexicon_default(GError **error)
{
	const struct asset *asset = asset_find(DEFAULT);

	return lexicon_parse(DEFAULT, asset->text, asset->size, error);
}

void lexicon_free(struct lexicon *lexicon)
{
	if (!lexicon)
		return;
	g_free(lexicon->version);
	g_array_unref(lexicon->targets);
	g_array_unref(lexicon->terms);
	g_free(lexicon);
}

const struct target *lexicon_target(const struct lexicon *lexicon, const char *code)
{
	gint index = target_index(lexicon, code);

	return index < 0 ? NULL : &g_array_index(lexicon->targets, struct target, (guint)index);
}

/* How well a name is its target's: 3 by its dates, 2 today, 1 once, 0 is no name. */
static guint hold(const struct term *term, const char *day)
{
	switch (term->kind) {
	case TERM_NAME:
	case TERM_SHORT:
		return 2;
	case TERM_FORMER:
		if (day && (term->from || term->until) &&
		    (!term->from || strcmp(term->from, day) <= 0) &&
		    (!term->until || strcmp(day, term->until) < 0))
			return 3;
		return 1;
	case TERM_WORD:
	case TERM_NOT:
		break;
	}
	return 0;
}

gboolean lexicon_holds(const struct lexicon *lexicon, guint term, const char *day)
{
	const struct term *one = term_at(lexicon, term);
	guint rank = hold(one, day);

	if (one->repeated)
		return FALSE;
	if (rank == 0)
		return TRUE;
	for (gint i = (gint)one->first_same; i >= 0; i = term_at(lexicon, (guint)i)->next_same) {
		const struct term *other = term_at(lexicon, (guint)i);
		guint its = hold(other, day);

		if (its > rank ||
		    (its == rank && rank == 1 && g_strcmp0(other->until, one->until) > 0))
			return FALSE;
	}
	return TRUE;
}
