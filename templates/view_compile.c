#include "templates/view_program.h"

#include "base/asset.h"
#include "base/error.h"
#include "base/xml.h"

#include <string.h>

#include "templates/escape.h"

#define OPS_MAX 100000 /* of a compiled view, against p:use that multiplies */

struct view {
	struct view_program *program;
};

/* A template that is being compiled, or one that it uses. */
struct source {
	char *file;
	xmlDoc *doc;
};

struct compiler {
	struct view_builder builder;
	view_loader *loader;
	void *user;
	GPtrArray *sources;  /* of struct source; all stay until the end, slots point into them */
	guint uses;          /* depth of p:use */
	const xmlNode *page; /* root of a page that has a layout */
	const char *page_file;
	guint fills; /* p:fill that found their slot */
};

static gboolean compile_element(struct compiler *compiler, const xmlNode *node, GError **error);
static gboolean compile_content(struct compiler *compiler, const xmlNode *node, GError **error);

static void source_free(struct source *source)
{
	g_free(source->file);
	xmlFreeDoc(source->doc);
	g_free(source);
}

static gboolean is_one_of(const char *name, const char *const *list)
{
	return g_strv_contains(list, name);
}

char *view_binding(const xmlNode *node, const char *name)
{
	xmlChar *text = xmlGetNsProp(node, (const xmlChar *)name, (const xmlChar *)VIEW_NS);
	char *copy = text ? g_strdup((const char *)text) : NULL;

	xmlFree(text);
	return copy;
}

static gboolean is_binding(const xmlAttr *attribute)
{
	return attribute->ns && strcmp((const char *)attribute->ns->href, VIEW_NS) == 0;
}

static gboolean has_binding(const xmlNode *node, const char *name)
{
	return xmlHasNsProp(node, (const xmlChar *)name, (const xmlChar *)VIEW_NS) != NULL;
}

/* Reads a template and keeps it. */
static const struct source *add_source(struct compiler *compiler, const char *file,
				       const char *text, gsize size, GError **error)
{
	struct source *source;
	xmlDoc *doc;

	if (size > VIEW_SIZE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: longer than %u KB"),
			    file, VIEW_SIZE_MAX >> 10);
		return NULL;
	}
	doc = xml_parse(file, text, size, NULL, error);
	if (!doc)
		return NULL;
	source = g_new0(struct source, 1);
	source->file = g_strdup(file);
	source->doc = doc;
	g_ptr_array_add(compiler->sources, source);
	return source;
}

/* The template that a p:use names. */
static const struct source *use(struct compiler *compiler, const xmlNode *node, const char *name,
				GError **error)
{
	g_autofree char *folder = g_path_get_dirname(compiler->builder.file);
	g_autofree char *path = g_build_filename(folder, name, NULL);
	gsize size = 0;
	const char *text;

	if (strchr(name, '/') || name[0] == '.' || name[0] == '\0') {
		view_refuse(&compiler->builder, node, error, _("\"%s\" is not a file's name"),
			    name);
		return NULL;
	}
	if (compiler->uses >= VIEW_USES_MAX) {
		view_refuse(&compiler->builder, node, error, _("p:use goes too deep"));
		return NULL;
	}
	text = compiler->loader(path, &size, compiler->user);
	if (!text) {
		view_refuse(&compiler->builder, node, error, _("there is no %s"), path);
		return NULL;
	}
	return add_source(compiler, path, text, size, error);
}

/* The element of a page with p:fill="name", in document order. */
static const xmlNode *find_fill(const xmlNode *node, const char *name)
{
	for (; node; node = node->next) {
		g_autofree char *fill = NULL;
		const xmlNode *found;

		if (node->type != XML_ELEMENT_NODE)
			continue;
		fill = view_binding(node, "fill");
		if (fill && strcmp(fill, name) == 0)
			return node;
		found = find_fill(node->children, name);
		if (found)
			return found;
	}
	return NULL;
}

static guint count_fills(const xmlNode *node)
{
	guint count = 0;

	for (; node; node = node->next) {
		if (node->type != XML_ELEMENT_NODE)
			continue;
		count += has_binding(node, "fill") ? 1 : 0;
		count += count_fills(node->children);
	}
	return count;
}

/* --- attributes --- */

static enum view_place place_of(const char *name, const char *expression)
{
	static const char *const urls[] = {"href", "src", "action", "formaction", NULL};

	if (!is_one_of(name, urls))
		return PLACE_ATTRIBUTE;
	return strchr(expression, '{') ? PLACE_URL_PART : PLACE_URL;
}

static gboolean compile_bound(struct compiler *compiler, const xmlNode *node,
			      const xmlAttr *attribute, GError **error)
{
	const char *name = (const char *)attribute->name + strlen("attr-");
	g_autofree char *text = view_binding(node, (const char *)attribute->name);
	guint expression;

	if (g_ascii_strncasecmp(name, "on", 2) == 0 || g_ascii_strcasecmp(name, "style") == 0 ||
	    g_ascii_strcasecmp(name, "srcdoc") == 0 || name[0] == '\0')
		return view_refuse(&compiler->builder, node, error, _("p:attr-%s is not allowed"),
				   name);
	if (!view_build_expression(&compiler->builder, node, text, FALSE, &expression, error))
		return FALSE;
	view_build_attribute(&compiler->builder, name, expression, place_of(name, text));
	return TRUE;
}

static void compile_static(struct compiler *compiler, const xmlNode *node, const xmlAttr *attribute)
{
	g_autoptr(GString) out = g_string_new(" ");
	g_autofree char *bound = g_strconcat("attr-", (const char *)attribute->name, NULL);
	xmlChar *value;

	if (attribute->ns || has_binding(node, bound))
		return;
	value = xmlNodeListGetString(node->doc, attribute->children, 1);
	g_string_append_printf(out, "%s=\"", (const char *)attribute->name);
	escape_attribute(out, value ? (const char *)value : "");
	g_string_append_c(out, '"');
	xmlFree(value);
	view_build_literal(&compiler->builder, out->str, (gssize)out->len);
}

/* Static attributes keep their order, bound ones follow. */
static gboolean compile_attributes(struct compiler *compiler, const xmlNode *node, GError **error)
{
	static const char *const known[] = {"text", "if",   "each", "omit",
					    "use",  "fill", "slot", NULL};

	for (const xmlAttr *a = node->properties; a; a = a->next) {
		if (!is_binding(a)) {
			if (!a->ns && strchr((const char *)a->name, ':'))
				return view_refuse(&compiler->builder, node, error,
						   _("%s: its prefix is not declared"),
						   (const char *)a->name);
			compile_static(compiler, node, a);
		}
	}
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		if (!is_binding(a))
			continue;
		if (g_str_has_prefix((const char *)a->name, "attr-")) {
			if (!compile_bound(compiler, node, a, error))
				return FALSE;
		} else if (!is_one_of((const char *)a->name, known)) {
			return view_refuse(&compiler->builder, node, error, _("no p:%s is known"),
					   (const char *)a->name);
		}
	}
	return TRUE;
}

/* --- content --- */

static gboolean compile_children(struct compiler *compiler, const xmlNode *parent, GError **error)
{
	gboolean raw = xml_is(parent, "script") || xml_is(parent, "style");

	for (const xmlNode *node = parent->children; node; node = node->next) {
		if (node->type == XML_ELEMENT_NODE) {
			if (!compile_element(compiler, node, error))
				return FALSE;
		} else if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE) {
			g_autoptr(GString) out = g_string_new(NULL);

			if (raw)
				g_string_append(out, (const char *)node->content);
			else
				escape_text(out, (const char *)node->content);
			view_build_literal(&compiler->builder, out->str, (gssize)out->len);
		}
	}
	return TRUE;
}

/* The content of another file's root element. */
static gboolean compile_used(struct compiler *compiler, const xmlNode *node, const char *name,
			     GError **error)
{
	const char *file = compiler->builder.file;
	const struct source *source = use(compiler, node, name, error);
	gboolean good;

	if (!source)
		return FALSE;
	compiler->builder.file = source->file;
	compiler->uses++;
	good = compile_content(compiler, xmlDocGetRootElement(source->doc), error);
	compiler->uses--;
	compiler->builder.file = file;
	return good;
}

/* A layout's slot: the page's content, or its own. */
static gboolean compile_slot(struct compiler *compiler, const xmlNode *node, const char *name,
			     GError **error)
{
	const char *file = compiler->builder.file;
	const xmlNode *page = compiler->page;
	const xmlNode *fill = page ? find_fill(page->children, name) : NULL;
	gboolean good;

	if (!fill)
		return compile_children(compiler, node, error);
	if (has_binding(fill, "if") || has_binding(fill, "each")) {
		compiler->builder.file = compiler->page_file;
		return view_refuse(&compiler->builder, fill, error,
				   _("p:fill gives content only: no p:if or p:each beside it"));
	}
	compiler->fills++;
	compiler->builder.file = compiler->page_file;
	compiler->page = NULL; /* slots belong to the layout */
	good = compile_content(compiler, fill, error);
	compiler->page = page;
	compiler->builder.file = file;
	return good;
}

static gboolean compile_content(struct compiler *compiler, const xmlNode *node, GError **error)
{
	g_autofree char *text = view_binding(node, "text");
	g_autofree char *name = view_binding(node, "use");
	g_autofree char *slot = view_binding(node, "slot");
	guint expression;

	if (compiler->builder.program->ops->len > OPS_MAX)
		return view_refuse(&compiler->builder, node, error, _("the page is too large"));
	if (slot)
		return compile_slot(compiler, node, slot, error);
	if (name && node->parent && node->parent->type == XML_ELEMENT_NODE)
		return compile_used(compiler, node, name, error);
	if (!text)
		return compile_children(compiler, node, error);
	if (!view_build_expression(&compiler->builder, node, text, FALSE, &expression, error))
		return FALSE;
	view_build_op(&compiler->builder, OP_SLOT, expression, PLACE_TEXT);
	return TRUE;
}

/* --- elements --- */

static gboolean begin_each(struct compiler *compiler, const xmlNode *node, const char *text,
			   guint *op_out, GError **error)
{
	struct view_builder *builder = &compiler->builder;
	const char *in = strstr(text, " in ");
	g_autofree char *variable = in ? g_strndup(text, (gsize)(in - text)) : NULL;
	guint expression;

	if (!in || g_strstrip(variable)[0] == '\0' ||
	    strspn(variable, "abcdefghijklmnopqrstuvwxyz_") != strlen(variable))
		return view_refuse(builder, node, error, _("p:each is written \"x in list\""));
	if (builder->loop_count >= VIEW_LOOPS_MAX)
		return view_refuse(builder, node, error, _("p:each goes too deep"));
	if (strpbrk(in, "{}|!="))
		return view_refuse(builder, node, error, _("\"%s\" is not a field"), in + 4);
	if (!view_build_expression(builder, node, in + 4, FALSE, &expression, error))
		return FALSE;
	*op_out = view_build_op(builder, OP_EACH, expression, builder->loop_count);
	builder->loops[builder->loop_count++] =
	    g_string_chunk_insert_const(builder->program->names, variable);
	builder->program->joint = TRUE; /* OP_NEXT leads here */
	return TRUE;
}

static void end_each(struct compiler *compiler, guint op)
{
	struct view_builder *builder = &compiler->builder;
	guint next = view_build_op(builder, OP_NEXT, 0, --builder->loop_count);

	g_array_index(builder->program->ops, struct view_op, next).c = op + 1;
	view_build_target(builder, op);
}

/* Tags and content, after p:each and p:if. */
static gboolean compile_tags(struct compiler *compiler, const xmlNode *node, GError **error)
{
	static const char *const voids[] = {"area",   "base",  "br",    "col",  "embed",
					    "hr",     "img",   "input", "link", "meta",
					    "source", "track", "wbr",   NULL};
	struct view_builder *builder = &compiler->builder;
	const char *name = (const char *)node->name;

	if (has_binding(node, "omit"))
		return compile_content(compiler, node, error);
	if (xml_is(node, "script") || xml_is(node, "style")) {
		for (const xmlAttr *a = node->properties; a; a = a->next) {
			if (is_binding(a))
				return view_refuse(builder, node, error,
						   _("nothing can be bound in <%s>"), name);
		}
	}
	view_build_literal(builder, "<", 1);
	view_build_literal(builder, name, -1);
	if (!compile_attributes(compiler, node, error))
		return FALSE;
	view_build_literal(builder, ">", 1);
	if (is_one_of(name, voids)) {
		if (node->children || has_binding(node, "text"))
			return view_refuse(builder, node, error, _("<%s> has no content"), name);
		return TRUE;
	}
	if (!compile_content(compiler, node, error))
		return FALSE;
	view_build_literal(builder, "</", 2);
	view_build_literal(builder, name, -1);
	view_build_literal(builder, ">", 1);
	return TRUE;
}

static gboolean compile_element(struct compiler *compiler, const xmlNode *node, GError **error)
{
	struct view_builder *builder = &compiler->builder;
	g_autofree char *each = view_binding(node, "each");
	g_autofree char *condition = view_binding(node, "if");
	guint each_op = 0;
	guint if_op = 0;

	if (each && !begin_each(compiler, node, each, &each_op, error))
		return FALSE;
	if (condition && !view_build_if(builder, node, condition, &if_op, error))
		return FALSE;
	if (!compile_tags(compiler, node, error))
		return FALSE;
	if (condition)
		view_build_target(builder, if_op);
	if (each)
		end_each(compiler, each_op);
	return TRUE;
}

/* --- documents --- */

static gboolean is_english(const char *name, const xmlNode *root)
{
	g_autofree char *language = xml_attribute(root, "lang");

	return language ? g_str_has_prefix(language, "en") : strstr(name, "/en/") != NULL;
}

/* The page's own root, or its layout's with the page's content in the slots. */
static gboolean compile_root(struct compiler *compiler, const xmlNode *root, GError **error)
{
	g_autofree char *layout = view_binding(root, "use");
	const char *file = compiler->builder.file;
	const struct source *source;

	if (!layout)
		return compile_element(compiler, root, error);
	source = use(compiler, root, layout, error);
	if (!source)
		return FALSE;
	if (has_binding(xmlDocGetRootElement(source->doc), "use"))
		return view_refuse(&compiler->builder, root, error, _("a layout has no layout"));
	compiler->page = root;
	compiler->page_file = file;
	compiler->builder.file = source->file;
	if (!compile_element(compiler, xmlDocGetRootElement(source->doc), error))
		return FALSE;
	compiler->builder.file = file;
	if (compiler->fills < count_fills(root->children))
		return view_refuse(&compiler->builder, root, error,
				   _("a p:fill has no p:slot in %s"), layout);
	return TRUE;
}

struct view *view_compile_with(const char *name, const char *text, gsize size, enum view_kind kind,
			       const char *const *fields, view_loader *loader, void *user,
			       GError **error)
{
	struct compiler compiler = {.loader = loader, .user = user};
	const struct source *source;
	struct view_program *program = NULL;
	struct view *view = NULL;

	compiler.sources = g_ptr_array_new_with_free_func((GDestroyNotify)source_free);
	source = add_source(&compiler, name, text, size, error);
	if (source) {
		const xmlNode *root = xmlDocGetRootElement(source->doc);

		program = view_program_new(is_english(name, root));
		compiler.builder = (struct view_builder){
		    .program = program, .file = source->file, .fields = fields};
		if (kind == VIEW_PAGE)
			view_build_literal(&compiler.builder, "<!DOCTYPE html>\n", -1);
		if (compile_root(&compiler, root, error)) {
			if (kind == VIEW_PAGE)
				view_build_literal(&compiler.builder, "\n", 1);
			view = g_new0(struct view, 1);
			view->program = g_steal_pointer(&program);
		}
		view_program_free(program);
	}
	g_ptr_array_unref(compiler.sources);
	return view;
}

static const char *load_asset(const char *path, gsize *size_out, void *user)
{
	const struct asset *asset = asset_find(path);

	(void)user;
	if (!asset)
		return NULL;
	*size_out = asset->size;
	return asset->text;
}

struct view *view_compile(const char *name, const char *text, gsize size, enum view_kind kind,
			  const char *const *fields, GError **error)
{
	return view_compile_with(name, text, size, kind, fields, load_asset, NULL, error);
}

gboolean view_fill_json(const struct view *view, JsonNode *data, GString *out, GError **error)
{
	if (!JSON_NODE_HOLDS_OBJECT(data)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG,
			    _("the data of a page are not an object"));
		return FALSE;
	}
	return view_run(view->program, data, NULL, out, error);
}

void view_free(struct view *view)
{
	if (!view)
		return;
	view_program_free(view->program);
	g_free(view);
}
