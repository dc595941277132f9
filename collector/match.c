#include "collector/match.h"

#include "base/error.h"
#include "base/json.h"
#include "collector/read.h"
#include "collector/record.h"
#include "sql.h"

#include <string.h>

/* A letter that a key leads to. */
struct found {
	gint64 letter;
	gint64 enterprise;
	char *recipient; /* of its first mail, in lower case; NULL on paper */
	gint64 mailing;  /* of a Message-ID: whose it is; else 0 */
	gboolean open;   /* by an address: its round is */
};

/* The same as a clue of one record. */
struct lead {
	const struct found *found;
	const char *clue; /* static */
	gboolean proves;  /* our Message-ID, which only who has the letter knows */
};

struct matching {
	GHashTable *numbers, *ids, *addresses; /* keys of each kind: sets */
	GHashTable *found;                     /* key → GArray of struct found */
	GHashTable *answered;                  /* letters, a set */
};

static void clear_found(gpointer found)
{
	g_free(((struct found *)found)->recipient);
}

static GHashTable *new_set(void)
{
	return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

struct matching *matching_new(void)
{
	struct matching *matching = g_new0(struct matching, 1);

	matching->numbers = new_set();
	matching->ids = new_set();
	matching->addresses = new_set();
	matching->found =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
	matching->answered = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
	return matching;
}

void matching_free(struct matching *matching)
{
	g_hash_table_unref(matching->numbers);
	g_hash_table_unref(matching->ids);
	g_hash_table_unref(matching->addresses);
	g_hash_table_unref(matching->found);
	g_hash_table_unref(matching->answered);
	g_free(matching);
}

/* Tencent puts 14 to 16 capital hexadecimal digits and "+" in front of a Message-ID.
 * Returns: (transfer full) the id with <> */
static char *whole_id(const char *id)
{
	gsize n = strspn(id, "0123456789ABCDEF");

	return g_strdup_printf("<%s>", n >= 14 && n <= 16 && id[n] == '+' ? id + n + 1 : id);
}

/* The sender's address in lower case, its domain in ASCII as those of contacts, or NULL.
 * Returns: (transfer full) */
static char *sender(JsonObject *record)
{
	const char *address = record_sender(record);
	const char *at = address ? strrchr(address, '@') : NULL;
	g_autofree char *domain = NULL;
	g_autofree char *whole = NULL;

	if (!address)
		return NULL;
	if (at && !g_str_is_ascii(at))
		domain = g_hostname_to_ascii(at + 1);
	if (domain)
		whole = g_strdup_printf("%.*s@%s", (int)(at - address), address, domain);
	return g_ascii_strdown(whole ? whole : address, -1);
}

/* The Message-ID of the letter that came back, or NULL. */
static const char *original_id(JsonObject *record)
{
	JsonNode *node = json_object_get_member(record, "original");

	return node && !JSON_NODE_HOLDS_NULL(node)
		   ? json_object_get_string_member_with_default(json_node_get_object(node),
								"message_id", NULL)
		   : NULL;
}

static void add_ids(struct matching *matching, JsonObject *record, const char *member)
{
	JsonArray *ids = json_object_get_array_member(record, member);

	for (guint i = 0; i < json_array_get_length(ids); i++)
		g_hash_table_add(matching->ids, whole_id(json_array_get_string_element(ids, i)));
}

void matching_add(struct matching *matching, JsonObject *record)
{
	JsonArray *numbers = json_object_get_array_member(record, "numbers");
	const char *original = original_id(record);
	char *address = sender(record);

	for (guint i = 0; i < json_array_get_length(numbers); i++)
		g_hash_table_add(matching->numbers,
				 g_strdup(json_object_get_string_member(
				     json_array_get_object_element(numbers, i), "number")));
	add_ids(matching, record, "in_reply_to");
	add_ids(matching, record, "references");
	if (original)
		g_hash_table_add(matching->ids, whole_id(original));
	if (address)
		g_hash_table_add(matching->addresses, address);
}

/* The members of a set as an array parameter. Returns: (transfer full) */
static GString *array_of(GHashTable *set)
{
	GString *array = g_string_new(NULL);
	GHashTableIter iter;
	gpointer key;

	g_hash_table_iter_init(&iter, set);
	while (g_hash_table_iter_next(&iter, &key, NULL))
		db_array_text(array, key);
	db_array_end(array);
	return array;
}

void matching_answer(struct matching *matching, gint64 letter)
{
	g_hash_table_add(matching->answered, g_memdup2(&letter, sizeof letter));
}

static void keep(struct matching *matching, const struct db_rows *rows)
{
	for (guint i = 0; i < db_rows_count(rows); i++) {
		const char *key = db_get_text(rows, i, 0);
		GArray *letters = g_hash_table_lookup(matching->found, key);
		struct found found = {db_get_int(rows, i, 1), db_get_int(rows, i, 2),
				      g_strdup(db_get_text(rows, i, 3)), db_get_int(rows, i, 5),
				      db_get_bool(rows, i, 6)};

		if (!letters) {
			letters = g_array_new(FALSE, FALSE, sizeof(struct found));
			g_array_set_clear_func(letters, clear_found);
			g_hash_table_insert(matching->found, g_strdup(key), letters);
		}
		g_array_append_val(letters, found);
		if (db_get_bool(rows, i, 4))
			matching_answer(matching, found.letter);
	}
}

gboolean matching_look_up(struct matching *matching, struct db *db, GError **error)
{
	GString *numbers = array_of(matching->numbers);
	GString *ids = array_of(matching->ids);
	GString *addresses = array_of(matching->addresses);
	g_autoptr(db_rows) rows =
	    db_query(db, sql_letters_found,
		     DB(db_text(numbers->str), db_text(ids->str), db_text(addresses->str)), error);

	if (rows)
		keep(matching, rows);
	g_string_free(numbers, TRUE);
	g_string_free(ids, TRUE);
	g_string_free(addresses, TRUE);
	return rows != NULL;
}

static void lead_to(const struct matching *matching, GArray *leads, const char *key,
		    const char *clue, gboolean proves)
{
	const GArray *letters = g_hash_table_lookup(matching->found, key);

	for (guint i = 0; letters && i < letters->len; i++) {
		struct lead lead = {&g_array_index(letters, struct found, i), clue, proves};

		if (lead.found->letter) /* a digest or notice belongs to none */
			g_array_append_val(leads, lead);
	}
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

static void by_numbers(const struct matching *matching, GArray *leads, JsonObject *record,
		       const char *clue)
{
	JsonArray *numbers = json_object_get_array_member(record, "numbers");

	for (guint i = 0; i < json_array_get_length(numbers); i++) {
		JsonObject *one = json_array_get_object_element(numbers, i);
		const char *where = json_object_get_string_member(one, "where");

		if (g_strcmp0(clue_of(where), clue) == 0)
			lead_to(matching, leads, json_object_get_string_member(one, "number"), clue,
				FALSE);
	}
}

static void by_id(const struct matching *matching, GArray *leads, const char *id, const char *clue)
{
	g_autofree char *whole = whole_id(id);

	lead_to(matching, leads, whole, clue, TRUE);
}

static void by_ids(const struct matching *matching, GArray *leads, JsonObject *record,
		   const char *member)
{
	JsonArray *ids = json_object_get_array_member(record, member);

	for (guint i = 0; i < json_array_get_length(ids); i++)
		by_id(matching, leads, json_array_get_string_element(ids, i), "references");
}

static JsonNode *clues_json(const GArray *leads)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_array(builder);
	for (guint i = 0; i < leads->len; i++) {
		const struct lead *lead = &g_array_index(leads, struct lead, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "clue", lead->clue);
		json_add_int(builder, "letter", lead->found->letter);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	return json_builder_get_root(builder);
}

static gboolean enterprise_among(const GArray *leads, guint from, gint64 enterprise)
{
	for (guint i = from; i < leads->len; i++)
		if (g_array_index(leads, struct lead, i).found->enterprise == enterprise)
			return TRUE;
	return FALSE;
}

static gboolean any_proves(const GArray *leads, gint64 letter)
{
	for (guint i = 0; i < leads->len; i++) {
		const struct lead *lead = &g_array_index(leads, struct lead, i);

		if (lead->proves && lead->found->letter == letter)
			return TRUE;
	}
	return FALSE;
}

/* Whether a bounce names the address that the letter went to. */
static gboolean names_recipient(JsonObject *record, const char *recipient)
{
	JsonArray *bounces = json_object_get_array_member(record, "bounces");

	for (guint i = 0; recipient && i < json_array_get_length(bounces); i++) {
		const char *named = json_object_get_string_member_with_default(
		    json_array_get_object_element(bounces, i), "recipient", NULL);

		if (named && g_ascii_strcasecmp(named, recipient) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Whether the letter number that the message writes is none: then it meant one. */
static gboolean has_wrong_number(JsonObject *record)
{
	JsonArray *problems = json_object_get_array_member(record, "problems");

	for (guint i = 0; i < json_array_get_length(problems); i++)
		if (g_str_has_prefix(json_array_get_string_element(problems, i),
				     READING_WRONG_NUMBER))
			return TRUE;
	return FALSE;
}

/* Of the leads of an address: the only one of one enterprise, or its only one of an open round;
 * NULL where there are more. */
static const struct lead *addressed(const GArray *leads)
{
	const struct lead *first = &g_array_index(leads, struct lead, 0);
	const struct lead *chosen = NULL;
	guint open = 0;

	for (guint i = 0; i < leads->len; i++) {
		const struct lead *lead = &g_array_index(leads, struct lead, i);

		if (lead->found->enterprise != first->found->enterprise)
			return NULL;
		if (lead->found->open) {
			chosen = lead;
			open++;
		}
	}
	return leads->len == 1 ? first : open == 1 ? chosen : NULL;
}

/* `named`: how many leads came from numbers and ids; those behind came from the address. */
static void decide(const GArray *leads, guint named, JsonObject *record,
		   struct match_result *result)
{
	const struct lead *first = leads->len ? &g_array_index(leads, struct lead, 0) : NULL;
	gboolean known;

	if (!first) {
		result->why = has_wrong_number(record)
				  ? N_("the letter number in it is mistyped, its sender is unknown")
				  : N_("nothing tells whose it is: no number, unknown sender");
		return;
	}
	if (!named)
		first = addressed(leads);
	if (!first) {
		result->why = N_("the sender's address serves several letters");
		return;
	}
	for (guint i = 1; i < named; i++)
		if (g_array_index(leads, struct lead, i).found->letter != first->found->letter) {
			result->why = N_("its clues point to different letters");
			return;
		}
	known = enterprise_among(leads, named, first->found->enterprise);
	if (named && named < leads->len && !known) {
		result->why = N_("the number of one enterprise, sent from the address of another");
		return;
	}
	result->letter = first->found->letter;
	result->known = known || any_proves(leads, result->letter);
	/* a letter number may be seen and proves nothing, wherever it stands */
	result->returned =
	    any_proves(leads, result->letter) || names_recipient(record, first->found->recipient);
}

/* The mail of `letter` (0: a digest or notice) whose Message-ID `id` is, or 0. */
static gint64 mail_of(const struct matching *matching, const char *id, gint64 letter)
{
	g_autofree char *whole = whole_id(id);
	const GArray *found = g_hash_table_lookup(matching->found, whole);

	for (guint i = 0; found && i < found->len; i++)
		if (g_array_index(found, struct found, i).letter == letter)
			return g_array_index(found, struct found, i).mailing;
	return 0;
}

/* Which mail of `letter` a bounce names: the one that it carries, else the one that it replies to;
 * of several references the last, for a reminder names the first letter before itself. */
static gint64 returned_mail(const struct matching *matching, JsonObject *record, gint64 letter)
{
	static const char *const members[] = {"in_reply_to", "references"};
	const char *original = original_id(record);
	gint64 mailing = original ? mail_of(matching, original, letter) : 0;

	for (guint i = 0; !mailing && i < G_N_ELEMENTS(members); i++) {
		JsonArray *ids = json_object_get_array_member(record, members[i]);

		for (guint j = json_array_get_length(ids); !mailing && j-- > 0;)
			mailing = mail_of(matching, json_array_get_string_element(ids, j), letter);
	}
	return mailing;
}

void matching_decide(const struct matching *matching, JsonObject *record, gint64 given,
		     struct match_result *result_out)
{
	g_autoptr(GArray) leads = g_array_new(FALSE, FALSE, sizeof(struct lead));
	const char *kind = json_object_get_string_member(record, "kind");
	gboolean is_bounce = strcmp(kind, "bounce") == 0 || strcmp(kind, "delay") == 0;
	g_autofree char *address = is_bounce ? NULL : sender(record);
	const char *original = original_id(record);
	guint named;

	*result_out = (struct match_result){0};
	by_numbers(matching, leads, record, "recipient");
	by_ids(matching, leads, record, "in_reply_to");
	by_ids(matching, leads, record, "references");
	by_numbers(matching, leads, record, "references");
	by_numbers(matching, leads, record, "original");
	if (original)
		by_id(matching, leads, original, "original");
	by_numbers(matching, leads, record, "subject");
	by_numbers(matching, leads, record, "text");
	named = leads->len;
	if (address)
		lead_to(matching, leads, address, "address", FALSE);
	decide(leads, named, record, result_out);
	if (is_bounce)
		result_out->mailing = returned_mail(matching, record, result_out->letter);
	if (given) {
		result_out->letter = given;
		result_out->why = NULL;
		result_out->known = TRUE;
	}
	result_out->answered = g_hash_table_contains(matching->answered, &result_out->letter);
	result_out->clues = clues_json(leads);
}

void match_result_clear(struct match_result *result)
{
	g_clear_pointer(&result->clues, json_node_unref);
}
