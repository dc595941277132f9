#include "collector/match.h"

#include "base/error.h"
#include "base/json.h"
#include "sql.h"

#include <string.h>

/* A letter that a clue led to. */
struct lead {
	gint64 letter;
	gint64 enterprise;
	const char *clue; /* static */
};

struct matching {
	struct db *db;
	GArray *leads;     /* struct lead */
	GHashTable *asked; /* what was looked up, and its rows: most clues say the same number */
};

/* The rows of a statement about `value`, asked once. Returns: (transfer none) */
static struct db_rows *ask(struct matching *matching, const char *sql, const char *value,
			   GError **error)
{
	g_autofree char *question = g_strdup_printf("%p %s", (const void *)sql, value);
	struct db_rows *rows = g_hash_table_lookup(matching->asked, question);

	if (rows)
		return rows;
	rows = db_query(matching->db, sql, DB(db_text(value)), error);
	if (rows)
		g_hash_table_insert(matching->asked, g_steal_pointer(&question), rows);
	return rows;
}

static gboolean look_up(struct matching *matching, const char *sql, const char *value,
			const char *clue, GError **error)
{
	const struct db_rows *rows = ask(matching, sql, value, error);

	if (!rows)
		return FALSE;
	for (guint i = 0; i < db_rows_count(rows); i++) {
		struct lead lead = {db_get_int(rows, i, 0), db_get_int(rows, i, 1), clue};

		g_array_append_val(matching->leads, lead);
	}
	return TRUE;
}

/* The clue that a number's place in the message makes; NULL for none. */
static const char *clue_of(const char *where)
{
	static const char *const clues[][2] = {
	    {"recipient", "recipient"}, {"references", "references"},
	    {"original", "original"},   {"subject", "subject"},
	    {"form", "text"},           {"own", "text"},
	    {"quoted", "text"},         {"html", "text"},
	    {"attachment", "text"},     {"attachment-name", "text"},
	};

	for (guint i = 0; i < G_N_ELEMENTS(clues); i++)
		if (strcmp(clues[i][0], where) == 0)
			return clues[i][1];
	return NULL;
}

static gboolean by_numbers(struct matching *matching, JsonObject *record, const char *clue,
			   GError **error)
{
	JsonArray *numbers = json_object_get_array_member(record, "numbers");

	for (guint i = 0; i < json_array_get_length(numbers); i++) {
		JsonObject *one = json_array_get_object_element(numbers, i);
		const char *where = json_object_get_string_member(one, "where");

		if (g_strcmp0(clue_of(where), clue) == 0 &&
		    !look_up(matching, sql_letter_by_number,
			     json_object_get_string_member(one, "number"), clue, error))
			return FALSE;
	}
	return TRUE;
}

/* Tencent puts 14 to 16 capital hexadecimal digits and "+" in front of a Message-ID. */
static const char *without_prefix(const char *id)
{
	gsize n = strspn(id, "0123456789ABCDEF");

	return n >= 14 && n <= 16 && id[n] == '+' ? id + n + 1 : id;
}

static gboolean by_id(struct matching *matching, const char *id, const char *clue, GError **error)
{
	g_autofree char *whole = g_strdup_printf("<%s>", without_prefix(id));

	return look_up(matching, sql_letter_by_message_id, whole, clue, error);
}

static gboolean by_ids(struct matching *matching, JsonObject *record, const char *member,
		       GError **error)
{
	JsonArray *ids = json_object_get_array_member(record, member);

	for (guint i = 0; i < json_array_get_length(ids); i++)
		if (!by_id(matching, json_array_get_string_element(ids, i), "references", error))
			return FALSE;
	return TRUE;
}

static gboolean by_original(struct matching *matching, JsonObject *record, GError **error)
{
	JsonNode *node = json_object_get_member(record, "original");
	const char *id;

	if (!by_numbers(matching, record, "original", error))
		return FALSE;
	if (!node || JSON_NODE_HOLDS_NULL(node))
		return TRUE;
	id = json_object_get_string_member_with_default(json_node_get_object(node), "message_id",
							NULL);
	return !id || by_id(matching, id, "original", error);
}

/* The sender's address in lower case, or NULL. Returns: (transfer full) */
static char *sender(JsonObject *record)
{
	JsonArray *from = json_object_get_array_member(record, "from");
	const char *address = json_array_get_length(from) > 0
				  ? json_object_get_string_member_with_default(
					json_array_get_object_element(from, 0), "address", NULL)
				  : NULL;

	return address ? g_ascii_strdown(address, -1) : NULL;
}

static JsonNode *clues_json(const GArray *leads)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_array(builder);
	for (guint i = 0; i < leads->len; i++) {
		const struct lead *lead = &g_array_index(leads, struct lead, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "clue", lead->clue);
		json_add_int(builder, "letter", lead->letter);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	return json_builder_get_root(builder);
}

static gboolean enterprise_among(const GArray *leads, guint from, gint64 enterprise)
{
	for (guint i = from; i < leads->len; i++)
		if (g_array_index(leads, struct lead, i).enterprise == enterprise)
			return TRUE;
	return FALSE;
}

/* `named`: how many leads came from numbers and ids; those behind came from the address. */
static void decide(const GArray *leads, guint named, gboolean is_bounce,
		   struct match_result *result)
{
	const struct lead *first = leads->len ? &g_array_index(leads, struct lead, 0) : NULL;

	if (!first) {
		result->why = g_strdup(N_("nothing tells whose it is: no number, unknown sender"));
		return;
	}
	for (guint i = 1; i < (named ? named : leads->len); i++)
		if (g_array_index(leads, struct lead, i).letter != first->letter) {
			result->why =
			    g_strdup(named ? N_("its clues point to different letters")
					   : N_("the sender's address serves several letters"));
			return;
		}
	if (named && named < leads->len && !is_bounce &&
	    !enterprise_among(leads, named, first->enterprise)) {
		result->why =
		    g_strdup(N_("the number of one enterprise, sent from the address of another"));
		return;
	}
	result->letter = first->letter;
}

gboolean match_reading(struct db *db, JsonObject *record, struct match_result *result_out,
		       GError **error)
{
	g_autoptr(GArray) leads = g_array_new(FALSE, FALSE, sizeof(struct lead));
	g_autoptr(GHashTable) asked =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)db_rows_free);
	struct matching matching = {db, leads, asked};
	g_autofree char *address = sender(record);
	const char *kind = json_object_get_string_member(record, "kind");
	gboolean is_bounce = strcmp(kind, "bounce") == 0 || strcmp(kind, "delay") == 0;
	guint named;

	*result_out = (struct match_result){0};
	if (!by_numbers(&matching, record, "recipient", error) ||
	    !by_ids(&matching, record, "in_reply_to", error) ||
	    !by_ids(&matching, record, "references", error) ||
	    !by_numbers(&matching, record, "references", error) ||
	    !by_original(&matching, record, error) ||
	    !by_numbers(&matching, record, "subject", error) ||
	    !by_numbers(&matching, record, "text", error))
		return FALSE;
	named = leads->len;
	if (address && !look_up(&matching, sql_letter_by_address, address, "address", error))
		return FALSE;
	decide(leads, named, is_bounce, result_out);
	result_out->clues = clues_json(leads);
	return TRUE;
}

void match_result_clear(struct match_result *result)
{
	g_free(result->why);
	g_clear_pointer(&result->clues, json_node_unref);
}
