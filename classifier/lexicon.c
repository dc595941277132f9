#include "classifier/lexicon.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/xml.h"

#include <string.h>

#define GRAMMAR     "classifier/lexicon.rng"
#define DEFAULT     "classifier/lexicon.xml"
#define WEIGHT_NAME 6.0
#define WEIGHT_WORD 3.0

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

static gboolean kind_of(const xmlNode *node, enum term_kind *kind_out)
{
	static const char *const names[] = {
	    [TERM_NAME] = "name", [TERM_SHORT] = "short", [TERM_FORMER] = "former",
	    [TERM_WORD] = "word", [TERM_NOT] = "not",
	};

	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (xml_is(node, names[i])) {
			*kind_out = (enum term_kind)i;
			return TRUE;
		}
	return FALSE;
}

static gboolean add_term(struct lexicon *lexicon, const char *name, const xmlNode *node,
			 enum term_kind kind, GError **error)
{
	g_autofree char *weight = xml_attribute(node, "weight");
	struct term term = {.kind = kind,
			    .text = xml_text(node),
			    .target = lexicon->targets->len - 1,
			    .from = xml_attribute(node, "from"),
			    .until = xml_attribute(node, "to")};

	term.weight =
	    weight ? g_ascii_strtod(weight, NULL) : (kind == TERM_WORD ? WEIGHT_WORD : WEIGHT_NAME);
	g_array_append_val(lexicon->terms, term);
	if (term.from && term.until && strcmp(term.from, term.until) > 0)
		return xml_fail(error, name, node, _("the name ends before it begins"));
	return TRUE;
}

static gboolean add_target(struct lexicon *lexicon, const char *name, const xmlNode *node,
			   GError **error)
{
	g_autofree char *no = xml_attribute(node, "no");
	struct target target = {.no = (gint)g_ascii_strtoll(no, NULL, 10),
				.code = xml_attribute(node, "code"),
				.category = xml_attribute(node, "category")};
	gboolean taken = FALSE;

	for (guint i = 0; i < lexicon->targets->len; i++) {
		const struct target *other = &g_array_index(lexicon->targets, struct target, i);

		taken |= other->no == target.no || strcmp(other->code, target.code) == 0;
	}
	g_array_append_val(lexicon->targets, target);
	if (taken)
		return xml_fail(error, name, node, _("a target of this no or code stands above"));
	for (const xmlNode *child = node->children; child; child = child->next) {
		enum term_kind kind;

		if (!kind_of(child, &kind))
			continue;
		if (!add_term(lexicon, name, child, kind, error))
			return FALSE;
		if (kind == TERM_NAME)
			g_array_index(lexicon->targets, struct target, lexicon->targets->len - 1)
			    .name = xml_text(child);
	}
	return TRUE;
}

struct lexicon *lexicon_parse(const char *name, const char *xml, gsize size, GError **error)
{
	g_autoptr(xmlDoc) doc = xml_parse(name, xml, size, GRAMMAR, error);
	g_autoptr(lexicon_handle) lexicon = g_new0(struct lexicon, 1);
	const xmlNode *root;

	lexicon->targets = g_array_new(FALSE, TRUE, sizeof(struct target));
	g_array_set_clear_func(lexicon->targets, target_clear);
	lexicon->terms = g_array_new(FALSE, TRUE, sizeof(struct term));
	g_array_set_clear_func(lexicon->terms, term_clear);
	if (!doc)
		return NULL;
	root = xmlDocGetRootElement(doc);
	lexicon->version = xml_attribute(root, "version");
	for (const xmlNode *node = root->children; node; node = node->next)
		if (xml_is(node, "target") && !add_target(lexicon, name, node, error))
			return NULL;
	return g_steal_pointer(&lexicon);
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
