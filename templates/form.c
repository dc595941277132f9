#include "templates/form.h"

#include "base/error.h"
#include "base/json.h"
#include "base/xml.h"

#include <stdlib.h>
#include <string.h>

#define GRAMMAR       "templates/questionnaire.rng"
#define LINES_DEFAULT 4

static void question_free(struct form_question *question)
{
	g_free(question->id);
	g_free(question->question);
	g_free(question->hint);
	g_free(question);
}

void form_free(struct form *form)
{
	if (!form)
		return;
	g_free(form->title);
	g_free(form->number);
	g_strfreev(form->guidance);
	g_strfreev(form->paper_guidance);
	g_free(form->rating_question);
	g_free(form->rating_department);
	g_strfreev(form->rating_departments);
	for (int i = 0; i < FORM_GRADES; i++)
		g_free(form->grades[i]);
	g_ptr_array_unref(form->open);
	g_free(form->disclosure_question);
	g_free(form->disclosure_hidden);
	g_free(form->disclosure_named);
	g_free(form);
}

/* The text of an element with every white space, also a line end, one space. */
static char *words(const xmlNode *node)
{
	g_autofree char *text = xml_text(node);
	g_auto(GStrv) pieces = g_strsplit_set(text, " \t\r\n", -1);
	GString *out = g_string_new(NULL);

	for (char **p = pieces; *p; p++) {
		if (**p == '\0')
			continue;
		if (out->len > 0)
			g_string_append_c(out, ' ');
		g_string_append(out, *p);
	}
	return g_string_free(out, FALSE);
}

static void read_ratings(struct form *form, const xmlNode *ratings)
{
	g_autofree char *departments = xml_attribute(ratings, "departments");

	if (strcmp(departments, "all") != 0)
		form->rating_departments = g_strsplit_set(departments, " \t\r\n", -1);
	for (const xmlNode *node = ratings->children; node; node = node->next) {
		if (xml_is(node, "question")) {
			form->rating_question = words(node);
		} else if (xml_is(node, "department")) {
			form->rating_department = words(node);
		} else if (xml_is(node, "grade")) {
			g_autofree char *value = xml_attribute(node, "value");

			form->grades[atoi(value) % FORM_GRADES] = words(node);
		}
	}
}

static void read_disclosure(struct form *form, const xmlNode *disclosure)
{
	for (const xmlNode *node = disclosure->children; node; node = node->next) {
		if (xml_is(node, "question"))
			form->disclosure_question = words(node);
		else if (xml_is(node, "hidden"))
			form->disclosure_hidden = words(node);
		else if (xml_is(node, "named"))
			form->disclosure_named = words(node);
	}
}

static gboolean read_open(struct form *form, const xmlNode *open, const char *name, GError **error)
{
	struct form_question *question = g_new0(struct form_question, 1);
	g_autofree char *lines = xml_attribute(open, "lines");

	question->id = xml_attribute(open, "id");
	question->lines = lines ? atoi(lines) : LINES_DEFAULT;
	for (const xmlNode *node = open->children; node; node = node->next) {
		if (xml_is(node, "question"))
			question->question = words(node);
		else if (xml_is(node, "hint"))
			question->hint = words(node);
	}
	for (guint i = 0; i < form->open->len; i++) {
		const struct form_question *other = g_ptr_array_index(form->open, i);

		if (strcmp(other->id, question->id) != 0)
			continue;
		question_free(question);
		return xml_fail(error, name, open, _("another question has the same id"));
	}
	g_ptr_array_add(form->open, question);
	if (form->open->len > FORM_OPEN_MAX)
		return xml_fail(error, name, open, _("too many open questions"));
	return TRUE;
}

/* A paragraph is for both, or for the face that it names. */
static void read_guidance(const xmlNode *node, GPtrArray *guidance, GPtrArray *paper)
{
	g_autofree char *face = xml_attribute(node, "face");

	if (!face || strcmp(face, "mail") == 0)
		g_ptr_array_add(guidance, words(node));
	if (!face || strcmp(face, "paper") == 0)
		g_ptr_array_add(paper, words(node));
}

struct form *form_parse(const char *xml, gsize size, const char *name, GError **error)
{
	g_autoptr(xmlDoc) doc = NULL;
	g_autoptr(form_handle) form = g_new0(struct form, 1);
	g_autoptr(GPtrArray) guidance = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) paper = g_ptr_array_new_with_free_func(g_free);

	form->open = g_ptr_array_new_with_free_func((GDestroyNotify)question_free);
	if (size > FORM_SIZE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: longer than %u KB"),
			    name, FORM_SIZE_MAX >> 10);
		return NULL;
	}
	doc = xml_parse(name, xml, size, GRAMMAR, error);
	if (!doc)
		return NULL;
	for (const xmlNode *node = xmlDocGetRootElement(doc)->children; node; node = node->next) {
		if (xml_is(node, "title"))
			form->title = words(node);
		else if (xml_is(node, "number"))
			form->number = words(node);
		else if (xml_is(node, "guidance"))
			read_guidance(node, guidance, paper);
		else if (xml_is(node, "ratings"))
			read_ratings(form, node);
		else if (xml_is(node, "disclosure"))
			read_disclosure(form, node);
		else if (xml_is(node, "open") && !read_open(form, node, name, error))
			return NULL;
	}
	g_ptr_array_add(guidance, NULL);
	g_ptr_array_add(paper, NULL);
	form->guidance = (char **)g_ptr_array_free(g_steal_pointer(&guidance), FALSE);
	form->paper_guidance = (char **)g_ptr_array_free(g_steal_pointer(&paper), FALSE);
	return g_steal_pointer(&form);
}

static void add_ratings(JsonBuilder *builder, const struct form *form,
			const struct form_department *departments, gsize count)
{
	static const int order[FORM_GRADES] = {5, 4, 3, 2, 1, 0};

	json_builder_begin_object(builder);
	json_add_text(builder, "question", form->rating_question);
	json_add_text(builder, "department", form->rating_department);
	json_open_array(builder, "grades");
	for (int i = 0; i < FORM_GRADES; i++) {
		const char value[] = {(char)('0' + order[i]), '\0'};

		json_builder_begin_object(builder);
		json_add_text(builder, "value", value);
		json_add_text(builder, "label", form->grades[order[i]]);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_open_array(builder, "rows");
	for (gsize i = 0; i < count; i++) {
		if (form->rating_departments &&
		    !g_strv_contains((const char *const *)form->rating_departments,
				     departments[i].code))
			continue;
		json_builder_begin_object(builder);
		json_add_text(builder, "code", departments[i].code);
		json_add_text(builder, "name", departments[i].name);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
}

static void add_open(JsonBuilder *builder, const struct form *form)
{
	json_builder_begin_array(builder);
	for (guint i = 0; i < form->open->len; i++) {
		const struct form_question *question = g_ptr_array_index(form->open, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "id", question->id);
		json_add_text(builder, "question", question->question);
		json_add_text(builder, "hint", question->hint);
		json_add_int(builder, "lines", question->lines);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
}

JsonNode *form_fields_json(const struct form *form, const struct form_department *departments,
			   gsize count)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_text(builder, "title", form->title);
	json_open_array(builder, "guidance");
	for (char **p = form->guidance; *p; p++)
		json_builder_add_string_value(builder, *p);
	json_builder_end_array(builder);
	json_builder_set_member_name(builder, "ratings");
	if (form->rating_question)
		add_ratings(builder, form, departments, count);
	else
		json_builder_add_null_value(builder);
	json_builder_set_member_name(builder, "open");
	add_open(builder, form);
	json_builder_set_member_name(builder, "disclosure");
	if (form->disclosure_question) {
		json_builder_begin_object(builder);
		json_add_text(builder, "question", form->disclosure_question);
		json_add_text(builder, "hidden", form->disclosure_hidden);
		json_add_text(builder, "named", form->disclosure_named);
		json_builder_end_object(builder);
	} else {
		json_builder_add_null_value(builder);
	}
	json_builder_end_object(builder);
	return json_builder_get_root(builder);
}
