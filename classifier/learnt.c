#include "classifier/learnt.h"

#include "base/error.h"
#include "base/json.h"

#include <math.h>
#include <string.h>

#define FORMAT 1

static double value_of(const struct learnt *learnt, const struct gram_entry *entry)
{
	double damped = entry->count == 1 ? 1 : 1 + log(entry->count);

	return damped * learnt->rarity[entry->gram] / LEARNT_RARITY;
}

void learnt_margins(const struct learnt *learnt, const struct gram_entry *entries, guint n,
		    double *values_out, double *margins_out)
{
	double squares = 0;

	for (guint i = 0; i < n; i++) {
		values_out[i] = value_of(learnt, &entries[i]);
		squares += values_out[i] * values_out[i];
	}
	for (guint target = 0; target < learnt->targets; target++)
		margins_out[target] = learnt->scale * learnt->bias[target];
	for (guint i = 0; i < n; i++) {
		values_out[i] /= sqrt(squares);
		for (guint target = 0; target < learnt->targets; target++)
			margins_out[target] +=
			    learnt_part(learnt, entries[i].gram, target, values_out[i]);
	}
}

double learnt_part(const struct learnt *learnt, guint gram, guint target, double value)
{
	return learnt->scale * learnt->weights[(gsize)gram * learnt->targets + target] * value;
}

void learnt_fill(double *margins, const guint8 *known, guint n)
{
	double sum = 0;
	guint count = 0;

	for (guint i = 0; i < n; i++) {
		sum += known[i] ? margins[i] : 0;
		count += known[i];
	}
	for (guint i = 0; i < n; i++)
		if (!known[i])
			margins[i] = sum / MAX(count, 1);
}

static void add_figures(JsonBuilder *builder, const struct learnt *learnt)
{
	json_add_int(builder, "corrections", learnt->corrections);
	json_add_double(builder, "accuracy", learnt->accuracy);
	json_add_double(builder, "lexicon_accuracy", learnt->lexicon_accuracy);
	json_add_double(builder, "fused_accuracy", learnt->fused_accuracy);
	json_add_double(builder, "lexicon_share", learnt->fusion.lexicon_share);
}

char *learnt_figures(const struct learnt *learnt)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	add_figures(builder, learnt);
	json_add_int(builder, "grams", learnt->grams);
	json_builder_end_object(builder);
	return json_finish(builder);
}

static void add_texts(JsonBuilder *builder, const char *name, char **texts, guint n)
{
	json_open_array(builder, name);
	for (guint i = 0; i < n; i++)
		json_builder_add_string_value(builder, texts[i]);
	json_builder_end_array(builder);
}

char *learnt_to_json(const struct learnt *learnt)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();

	json_builder_begin_object(builder);
	json_add_int(builder, "format", FORMAT);
	add_figures(builder, learnt);
	json_add_double(builder, "learnt_trust", learnt->fusion.learnt);
	json_add_double(builder, "lexicon_trust", learnt->fusion.lexicon);
	json_add_double(builder, "scale", learnt->scale);
	add_texts(builder, "targets", learnt->codes, learnt->targets);
	json_open_array(builder, "bias");
	for (guint i = 0; i < learnt->targets; i++)
		json_builder_add_int_value(builder, learnt->bias[i]);
	json_builder_end_array(builder);
	add_texts(builder, "grams", learnt->texts, learnt->grams);
	json_open_array(builder, "rarity");
	for (guint i = 0; i < learnt->grams; i++)
		json_builder_add_int_value(builder, learnt->rarity[i]);
	json_builder_end_array(builder);
	json_open_array(builder, "weights");
	for (gsize i = 0; i < (gsize)learnt->grams * learnt->targets; i++)
		json_builder_add_int_value(builder, learnt->weights[i]);
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return json_finish(builder);
}

/* Reading back. Each getter keeps the first thing that is wrong in `wrong`: a member's name. */

static double number_in(JsonObject *object, const char *name, double min, double max,
			const char **wrong)
{
	JsonNode *node = json_object_get_member(object, name);
	GType type = node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : 0;
	double number =
	    type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double(node) : NAN;

	if (!(number >= min && number <= max)) {
		*wrong = *wrong ? *wrong : name;
		return min;
	}
	return number;
}

/* An array of `n` elements, or of 1 … `max` where `n` is 0. */
static JsonArray *array_in(JsonObject *object, const char *name, gsize n, guint max,
			   const char **wrong)
{
	JsonNode *node = json_object_get_member(object, name);
	JsonArray *array = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	guint length = array ? json_array_get_length(array) : 0;

	if (length == 0 || (n ? length != n : length > max)) {
		*wrong = *wrong ? *wrong : name;
		return NULL;
	}
	return array;
}

static char **texts_in(JsonObject *object, const char *name, guint max, guint *n_out,
		       const char **wrong)
{
	JsonArray *array = array_in(object, name, 0, max, wrong);
	guint n = array ? json_array_get_length(array) : 0;
	char **texts = g_new0(char *, n + 1);

	for (guint i = 0; i < n; i++) {
		JsonNode *node = json_array_get_element(array, i);
		const char *text = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_string(node) : NULL;

		if (!text || !*text)
			*wrong = *wrong ? *wrong : name;
		texts[i] = g_strdup(text ? text : "");
	}
	*n_out = n;
	return texts;
}

/* `n` whole numbers in [min, max]. Returns: (transfer full) */
static gint64 *integers_in(JsonObject *object, const char *name, gsize n, gint64 min, gint64 max,
			   const char **wrong)
{
	JsonArray *array = n ? array_in(object, name, n, 0, wrong) : NULL;
	gint64 *numbers = g_new0(gint64, n + 1);

	for (guint i = 0; array && i < n; i++) {
		JsonNode *node = json_array_get_element(array, i);

		numbers[i] = JSON_NODE_HOLDS_VALUE(node) ? json_node_get_int(node) : max + 1;
		if (numbers[i] < min || numbers[i] > max)
			*wrong = *wrong ? *wrong : name;
	}
	return numbers;
}

static void read_numbers(struct learnt *learnt, JsonObject *object, const char **wrong)
{
	learnt->corrections = (guint)number_in(object, "corrections", 0, G_MAXINT, wrong);
	learnt->accuracy = number_in(object, "accuracy", 0, 1, wrong);
	learnt->lexicon_accuracy = number_in(object, "lexicon_accuracy", 0, 1, wrong);
	learnt->fused_accuracy = number_in(object, "fused_accuracy", 0, 1, wrong);
	learnt->fusion.learnt = number_in(object, "learnt_trust", 0, 1e6, wrong);
	learnt->fusion.lexicon = number_in(object, "lexicon_trust", 0, 1e6, wrong);
	learnt->fusion.lexicon_share = number_in(object, "lexicon_share", 0, 1, wrong);
	learnt->scale = number_in(object, "scale", 0, 1e6, wrong);
	if (number_in(object, "format", FORMAT, FORMAT, wrong) != FORMAT)
		*wrong = "format";
}

static void read_grams(struct learnt *learnt, JsonObject *object, const char **wrong)
{
	gsize cells;
	g_autofree gint64 *bias = NULL;
	g_autofree gint64 *rarity = NULL;
	g_autofree gint64 *weights = NULL;

	learnt->codes = texts_in(object, "targets", LEARNT_TARGETS_MAX, &learnt->targets, wrong);
	learnt->texts = texts_in(object, "grams", LEARNT_GRAMS_MAX, &learnt->grams, wrong);
	cells = (gsize)learnt->grams * learnt->targets;
	bias = integers_in(object, "bias", learnt->targets, G_MININT32, G_MAXINT32, wrong);
	rarity = integers_in(object, "rarity", learnt->grams, 1, G_MAXUINT16, wrong);
	weights = integers_in(object, "weights", cells, G_MININT8, G_MAXINT8, wrong);
	learnt->bias = g_new0(gint32, learnt->targets + 1);
	learnt->rarity = g_new0(guint16, learnt->grams + 1);
	learnt->weights = g_new0(gint8, cells + 1);
	for (guint i = 0; i < learnt->targets; i++)
		learnt->bias[i] = (gint32)bias[i];
	for (guint i = 0; i < learnt->grams; i++)
		learnt->rarity[i] = (guint16)rarity[i];
	for (gsize i = 0; i < cells; i++)
		learnt->weights[i] = (gint8)weights[i];
}

struct learnt *learnt_parse(const char *name, const char *json, gsize size, GError **error)
{
	g_autoptr(JsonParser) parser = json_parser_new();
	g_autoptr(learnt_handle) learnt = g_new0(struct learnt, 1);
	JsonNode *root = NULL;
	const char *wrong = NULL;

	if (json_parser_load_from_data(parser, json, (gssize)size, NULL))
		root = json_parser_get_root(parser);
	if (!root || !JSON_NODE_HOLDS_OBJECT(root)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s is not JSON"), name);
		return NULL;
	}
	read_numbers(learnt, json_node_get_object(root), &wrong);
	read_grams(learnt, json_node_get_object(root), &wrong);
	if (!wrong)
		return g_steal_pointer(&learnt);
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: “%s” is not as it should be"),
		    name, wrong);
	return NULL;
}

void learnt_free(struct learnt *learnt)
{
	if (!learnt)
		return;
	g_strfreev(learnt->codes);
	g_strfreev(learnt->texts);
	g_free(learnt->rarity);
	g_free(learnt->weights);
	g_free(learnt->bias);
	g_free(learnt);
}
