#include "mailer/drafts.h"

#include "base/error.h"
#include "db/letter.h"
#include "mailer/enclosed.h"
#include "mailer/verp.h"
#include "sql.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define BUFFERS_MAX  256   /* texts kept for reuse … */
#define BUFFER_BYTES 32768 /* … while they are no larger */
#define BUFFER_START 6144

/* What a round and kind need. */
struct model {
	struct composer *composer;
	gboolean english;
	gboolean own_files; /* some enterprises of the round have attachments of their own */
};

struct drafts {
	struct office *office;
	enum verp verp;
	char *from, *bounce_domain, *page;
	GHashTable *models; /* "round/kind" -> struct model */
	GHashTable *files;  /* mailing id -> struct enclosed: an enterprise's own */
	struct compose_scratch *scratch;
	GPtrArray *buffers; /* of GString, to be used again */
};

static void free_enclosed(gpointer data)
{
	enclosed_free(data);
}

static void model_free(gpointer data)
{
	struct model *model = data;

	composer_free(model->composer);
	g_free(model);
}

static void buffer_free(gpointer data)
{
	g_string_free(data, TRUE);
}

struct drafts *drafts_new(struct office *office)
{
	struct drafts *drafts = g_new0(struct drafts, 1);

	drafts->office = office;
	drafts->from = g_strdup(office_setting(office, "mail", "from", ""));
	drafts->bounce_domain = g_strdup(office_setting(office, "mail", "bounce_domain", ""));
	drafts->page = g_strdup(office_setting(office, "office", "public_url", ""));
	verp_parse(office_setting(office, "mail", "verp", "off"), &drafts->verp, NULL);
	drafts->models = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, model_free);
	drafts->files = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, free_enclosed);
	drafts->scratch = compose_scratch_new();
	drafts->buffers = g_ptr_array_new_with_free_func(buffer_free);
	return drafts;
}

void drafts_free(struct drafts *drafts)
{
	if (!drafts)
		return;
	g_free(drafts->from);
	g_free(drafts->bounce_domain);
	g_free(drafts->page);
	g_hash_table_unref(drafts->models);
	g_hash_table_unref(drafts->files);
	compose_scratch_free(drafts->scratch);
	g_ptr_array_unref(drafts->buffers);
	g_free(drafts);
}

static enum compose_kind kind_of(const struct mail *mail)
{
	static const char *const kinds[] = {
	    [COMPOSE_LETTER] = "first",  [COMPOSE_REMINDER] = "reminder", [COMPOSE_REPLY] = "reply",
	    [COMPOSE_DIGEST] = "digest", [COMPOSE_NOTICE] = "notice",
	};
	const char *kind = mail_text(mail, MAIL_KIND);
	guint i = 0;

	while (i + 1 < G_N_ELEMENTS(kinds) && strcmp(kinds[i], kind) != 0)
		i++;
	return (enum compose_kind)i;
}

static struct model *load_model(struct drafts *drafts, struct db *db, gint64 round_id,
				enum compose_kind kind, GError **error)
{
	gboolean of_round = kind == COMPOSE_LETTER || kind == COMPOSE_REMINDER;
	g_autoptr(round_handle) round = NULL;
	g_autoptr(enclosed_handle) files = NULL;
	struct model *model;

	if (round_id && !(round = round_get_by_id(db, round_id, error)))
		return NULL;
	if (of_round && !(files = enclosed_load(db, round_id, 0, error)))
		return NULL;
	model = g_new0(struct model, 1);
	model->composer = composer_new(drafts->office, round, kind, files ? files->list : NULL,
				       files ? files->count : 0, error);
	model->english = strcmp(round ? round->language
				      : office_setting(drafts->office, "office", "language", "zh"),
				"en") == 0;
	if (model->composer && of_round) {
		g_autoptr(db_rows) own =
		    db_query(db, sql_attachment_own, DB(db_int(round_id)), error);

		if (own) {
			model->own_files = db_get_bool(own, 0, 0);
			return model;
		}
	} else if (model->composer) {
		return model;
	}
	model_free(model);
	return NULL;
}

static char *model_name(const struct mail *mail)
{
	return g_strdup_printf("%" G_GINT64_FORMAT "/%s", mail_int(mail, MAIL_ROUND),
			       mail_text(mail, MAIL_KIND));
}

gboolean drafts_prepare(struct drafts *drafts, struct db *db, const struct mail *mail,
			GError **error)
{
	g_autofree char *name = model_name(mail);
	struct model *model = g_hash_table_lookup(drafts->models, name);

	if (!model) {
		model = load_model(drafts, db, mail_int(mail, MAIL_ROUND), kind_of(mail), error);
		if (!model)
			return FALSE;
		g_hash_table_insert(drafts->models, g_steal_pointer(&name), model);
	}
	if (model->own_files) {
		struct enclosed *files = enclosed_load(db, mail_int(mail, MAIL_ROUND),
						       mail_int(mail, MAIL_ENTERPRISE_ID), error);
		gint64 id = mail_int(mail, MAIL_ID);

		if (!files)
			return FALSE;
		g_hash_table_replace(drafts->files, g_memdup2(&id, sizeof(id)), files);
	}
	return TRUE;
}

static gint64 member_int(JsonObject *object, const char *name)
{
	return json_object_get_int_member_with_default(object, name, 0);
}

/* What a digest or notice says. Returns: (transfer full) the lines of its items. */
static char *read_facts(const struct mail *mail, gboolean english, struct compose_mail *out)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(GString) items = g_string_new(NULL);
	JsonObject *facts;
	JsonArray *list;

	if (!json_parser_load_from_data(parser, mail_text(mail, MAIL_FACTS), -1, NULL))
		return NULL; /* the database holds valid JSON */
	facts = json_node_get_object(json_parser_get_root(parser));
	out->to_sign = (guint)member_int(facts, "to_sign");
	out->working = (guint)member_int(facts, "working");
	out->due_today = (guint)member_int(facts, "due_today");
	out->due_soon = (guint)member_int(facts, "due_soon");
	out->overdue = (guint)member_int(facts, "overdue");
	list =
	    json_object_has_member(facts, "items") && !json_object_get_null_member(facts, "items")
		? json_object_get_array_member(facts, "items")
		: NULL;
	for (guint i = 0; list && i < json_array_get_length(list); i++) {
		JsonObject *item = json_array_get_object_element(list, i);

		compose_item(items, member_int(item, "id"),
			     json_object_get_string_member_with_default(item, "department", NULL),
			     json_object_get_string_member_with_default(item, "due", ""),
			     member_int(item, "days"), english);
	}
	return g_strdup(items->str);
}

static void fill_mail(const struct drafts *drafts, const struct mail *mail, enum compose_kind kind,
		      const char *link, struct compose_mail *out)
{
	const struct enclosed *files;
	gint64 id = mail_int(mail, MAIL_ID);

	*out = (struct compose_mail){
	    .message_id = mail_text(mail, MAIL_MESSAGE_ID),
	    .recipient = mail_text(mail, MAIL_RECIPIENT),
	    .date = mail_text(mail, kind == COMPOSE_REPLY ? MAIL_ANSWER_DAY : MAIL_LETTER_DAY),
	    .link = link,
	    .number = mail_text(mail, MAIL_NUMBER),
	    .enterprise = mail_text(mail, MAIL_ENTERPRISE),
	    .contact = mail_text(mail, MAIL_CONTACT),
	    .first_message_id = mail_text(mail, MAIL_FIRST_ID),
	    .first_date = mail_text(mail, MAIL_FIRST_DAY),
	    .turn = (guint)mail_int(mail, MAIL_TURN),
	    .turns = (guint)mail_int(mail, MAIL_TURNS),
	    .opinion = mail_text(mail, MAIL_OPINION),
	    .answer = mail_text(mail, MAIL_ANSWER),
	    .name = mail_text(mail, MAIL_NAME),
	};
	files = g_hash_table_size(drafts->files) ? g_hash_table_lookup(drafts->files, &id) : NULL;
	if (files) {
		out->attachments = files->list;
		out->attachment_count = files->count;
	}
}

static GString *buffer(struct drafts *drafts)
{
	if (drafts->buffers->len == 0)
		return g_string_sized_new(BUFFER_START);
	return g_ptr_array_steal_index_fast(drafts->buffers, drafts->buffers->len - 1);
}

void drafts_take_back(struct drafts *drafts, struct mail *mail)
{
	gint64 id = mail_int(mail, MAIL_ID);

	if (g_hash_table_size(drafts->files))
		g_hash_table_remove(drafts->files, &id);
	g_clear_pointer(&mail->from, g_free);
	if (!mail->text)
		return;
	if (drafts->buffers->len < BUFFERS_MAX && mail->text->allocated_len <= BUFFER_BYTES) {
		g_string_truncate(mail->text, 0);
		g_ptr_array_add(drafts->buffers, mail->text);
	} else {
		g_string_free(mail->text, TRUE);
	}
	mail->text = NULL;
}

gboolean drafts_compose(struct drafts *drafts, struct mail *mail, GDateTime *now, GError **error)
{
	g_autofree char *name = model_name(mail);
	const struct model *model = g_hash_table_lookup(drafts->models, name);
	enum compose_kind kind = kind_of(mail);
	const char *number = mail_text(mail, MAIL_NUMBER);
	g_autofree char *link =
	    number ? letter_link(drafts->office, number, (guint)mail_int(mail, MAIL_SECRET_TURN))
		   : g_strdup(drafts->page);
	g_autofree char *items = NULL;
	struct compose_mail facts;

	fill_mail(drafts, mail, kind, link, &facts);
	if (kind == COMPOSE_REMINDER || kind == COMPOSE_LETTER || kind == COMPOSE_REPLY) {
		mail->from =
		    verp_address(drafts->verp, drafts->from, drafts->bounce_domain, number);
	} else {
		facts.date = mail_text(mail, MAIL_NOTICE_DAY);
		mail->from = g_strdup(drafts->from);
		items = read_facts(mail, model->english, &facts);
		facts.items = items;
	}
	mail->text = buffer(drafts);
	return composer_append(model->composer, &facts, now, drafts->scratch, mail->text, error);
}
