#include "base/error.h"
#include "base/language.h"
#include "db/key.h"
#include "sql.h"
#include "templates/form.h"
#include "web/web.h"

#include <string.h>

/* The enterprise's page: the round's form while it is open, then what became of each opinion. What
 * is filled in becomes a message like any other. GET changes nothing: mail scanners open links. */

/* /l/SECRET and what stands behind it ("", "/grade", "/silence"). */
static GBytes *secret_hash(struct web_call *call, char **page_out, const char **rest_out)
{
	const char *secret = call->request->path + strlen("/l/");
	const char *slash = strchr(secret, '/');
	g_autofree char *only =
	    slash ? g_strndup(secret, (gsize)(slash - secret)) : g_strdup(secret);

	*rest_out = slash ? slash : "";
	*page_out = g_strconcat("/l/", only, NULL);
	return key_secret_hash(office_key(web_office(call->web)), only);
}

/* What the link shows, or NULL when it opens nothing (an error is answered). */
static JsonNode *load(struct web_call *call, GBytes *hash)
{
	GError *error = NULL;
	g_autoptr(db_rows) rows = NULL;
	JsonNode *node = NULL;

	if (!web_begin(call, "link", &error) ||
	    !(rows = db_query(call->db, sql_link_show, DB(db_bytes(hash), db_time(call->now)),
			      &error)) ||
	    !db_commit(call->db, &error)) {
		web_fail(call, error);
		return NULL;
	}
	if (db_is_null(rows, 0, 0)) {
		web_not_found(call);
		return NULL;
	}
	node = json_from_string(db_get_text(rows, 0, 0), &error);
	if (!node)
		web_fail(call, error);
	return node;
}

/* The departments of the page's data, borrowed from it. */
static struct form_department *departments_of(JsonObject *data, gsize *count_out)
{
	JsonArray *array = json_object_get_array_member(data, "departments");
	struct form_department *list =
	    g_new0(struct form_department, json_array_get_length(array) + 1);

	*count_out = json_array_get_length(array);
	for (guint i = 0; i < *count_out; i++) {
		JsonObject *one = json_array_get_object_element(array, i);

		list[i].code = json_object_get_string_member(one, "code");
		list[i].name = json_object_get_string_member(one, "name");
	}
	return list;
}

static struct form *form_of(JsonObject *data, GError **error)
{
	const char *xml = json_object_get_string_member(data, "questionnaire");

	return form_parse(xml, strlen(xml), "questionnaire.xml", error);
}

static void show(struct web_call *call, const char *page, JsonNode *node, const char *note)
{
	JsonObject *data = json_node_get_object(node);
	g_autofree struct form_department *departments = NULL;
	g_autoptr(form_handle) form = NULL;
	GError *error = NULL;
	gsize count = 0;

	form = form_of(data, &error);
	if (!form) {
		json_node_unref(node);
		web_fail(call, error);
		return;
	}
	departments = departments_of(data, &count);
	json_object_set_member(data, "form", form_fields_json(form, departments, count));
	json_object_remove_member(data, "questionnaire");
	json_object_remove_member(data, "departments");
	json_object_set_string_member(data, "page", page);
	json_object_set_string_member(data, "note", note);
	call->language =
	    strcmp(json_object_get_string_member(data, "language"), "en") == 0 ? "en" : "zh";
	language_use(call->language);
	web_show(call, 200, "link", node);
}

/* What was filled in. */
static struct form_answers *answers_of(struct web_call *call, JsonObject *data,
				       const struct form *form)
{
	g_autofree struct form_department *departments = NULL;
	struct form_answers *answers = form_answers_new();
	const char *disclosure = web_field(call, "disclosure");
	gsize count = 0;

	departments = departments_of(data, &count);
	g_strlcpy(answers->number, json_object_get_string_member(data, "number"),
		  sizeof answers->number);
	for (gsize i = 0; i < count; i++) {
		g_autofree char *name = g_strconcat("rate-", departments[i].code, NULL);
		const char *grade = web_field(call, name);

		if (grade[0] >= '0' && grade[0] <= '5' && !grade[1])
			form_answers_rate(answers, departments[i].code, grade[0] - '0');
	}
	for (guint i = 0; i < form->open->len; i++) {
		const struct form_question *question = g_ptr_array_index(form->open, i);
		g_autofree char *name = g_strconcat("q-", question->id, NULL);

		if (*web_field(call, name))
			form_answers_say(answers, question->id, web_field(call, name));
	}
	if (strcmp(disclosure, "named") == 0 || strcmp(disclosure, "hidden") == 0)
		answers->disclosure = g_strdup(disclosure);
	return answers;
}

/* The answers as a mail: without a date, so that the same answers sent twice are the same bytes. */
static GBytes *as_message(const struct form_answers *answers)
{
	g_autofree char *xml = form_answers_to_xml(answers);
	g_autofree char *base64 = g_base64_encode((const guchar *)xml, strlen(xml));
	GString *out = g_string_new(NULL);
	gsize length = strlen(base64);

	g_string_append_printf(out,
			       "From: <link@pingyi.invalid>\nTo: <office@pingyi.invalid>\n"
			       "Subject: %s\nMIME-Version: 1.0\n"
			       "Content-Type: multipart/mixed; boundary=\"=_link\"\n\n--=_link\n"
			       "Content-Type: application/xml; name=\"answers.xml\"\n"
			       "Content-Disposition: attachment; filename=\"answers.xml\"\n"
			       "Content-Transfer-Encoding: base64\n\n",
			       answers->number);
	for (gsize at = 0; at < length; at += 76)
		g_string_append_printf(out, "%.76s\n", base64 + at);
	g_string_append(out, "--=_link--\n");
	return g_string_free_to_bytes(out);
}

static gboolean submit_bytes(struct web_call *call, GBytes *hash, GBytes *raw, GError **error)
{
	return web_begin(call, "link", error) &&
	       db_run(call->db, sql_link_submit,
		      DB(db_bytes(hash), db_bytes(raw), db_time(call->now)), NULL, error) &&
	       db_commit(call->db, error);
}

static void submit(struct web_call *call, GBytes *hash, const char *page)
{
	g_autoptr(JsonNode) node = load(call, hash);
	g_autoptr(form_handle) form = NULL;
	g_autoptr(form_answers_handle) answers = NULL;
	g_autoptr(GBytes) raw = NULL;
	g_autofree char *done = g_strconcat(page, "?sent=1", NULL);
	GError *error = NULL;

	if (!node)
		return;
	form = form_of(json_node_get_object(node), &error);
	if (!form) {
		web_fail(call, error);
		return;
	}
	answers = answers_of(call, json_node_get_object(node), form);
	if (answers->ratings->len == 0 && answers->open->len == 0) {
		show(call, page, g_steal_pointer(&node), "empty");
		return;
	}
	raw = as_message(answers);
	if (submit_bytes(call, hash, raw, &error))
		web_redirect(call, done);
	else
		web_fail(call, error);
}

static void grade(struct web_call *call, GBytes *hash, const char *page)
{
	g_autofree char *done = g_strconcat(page, "?graded=1", NULL);
	GError *error = NULL;
	gint64 reply = 0;
	gint64 given = 0;

	if (!g_ascii_string_to_signed(web_field(call, "reply"), 10, 1, G_MAXINT64, &reply, NULL) ||
	    !g_ascii_string_to_signed(web_field(call, "grade"), 10, 1, 5, &given, NULL)) {
		web_fail(call,
			 g_error_new(PINGYI_ERROR, PINGYI_ERROR_INPUT, _("choose a grade first")));
		return;
	}
	if (!web_begin(call, "link", &error) ||
	    !db_run(call->db, sql_link_grade,
		    DB(db_bytes(hash), db_int(reply), db_int(given), db_time(call->now)), NULL,
		    &error) ||
	    !db_commit(call->db, &error))
		web_fail(call, error);
	else
		web_redirect(call, done);
}

static void silence(struct web_call *call, GBytes *hash, const char *page)
{
	g_autofree char *done = g_strconcat(page, "?silenced=1", NULL);
	GError *error = NULL;

	if (!web_begin(call, "link", &error) ||
	    !db_run(call->db, sql_link_silence, DB(db_bytes(hash), db_time(call->now)), NULL,
		    &error) ||
	    !db_commit(call->db, &error))
		web_fail(call, error);
	else
		web_redirect(call, done);
}

static const char *note_of(const struct web_call *call)
{
	for (const char *const *name = (const char *const[]){"sent", "graded", "silenced", NULL};
	     *name; name++)
		if (g_hash_table_contains(call->request->query, *name))
			return *name;
	return "";
}

void link_handle(struct web_call *call)
{
	const char *rest = "";
	g_autofree char *page = NULL;
	g_autoptr(GBytes) hash = secret_hash(call, &page, &rest);
	gboolean post = strcmp(call->request->method, "POST") == 0;
	JsonNode *node;

	if (post && strcmp(rest, "") == 0) {
		submit(call, hash, page);
	} else if (post && strcmp(rest, "/grade") == 0) {
		grade(call, hash, page);
	} else if (post && strcmp(rest, "/silence") == 0) {
		silence(call, hash, page);
	} else if (!post && (strcmp(rest, "") == 0 || strcmp(rest, "/silence") == 0)) {
		node = load(call, hash);
		if (node)
			show(call, page, node, *rest ? "silence" : note_of(call));
	} else {
		web_not_found(call);
	}
}
