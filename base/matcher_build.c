#include "base/matcher_parts.h"

#include "base/matcher_filter.h"

#include <string.h>

#define NONE   MATCHER_NONE
#define NARROW 65536 /* so many states fit two bytes */

struct matcher_builder {
	GArray *words; /* struct matcher_word */
};

/* A node of the trie before its states are numbered. */
struct node {
	guint32 child;
	guint32 sibling;
	guint32 suffix; /* the node of the longest proper suffix */
	guint32 first;
	guint32 number;
	guint8 byte;
	gboolean loud;
};

static void word_clear(gpointer word)
{
	g_free(((struct matcher_word *)word)->text);
}

struct matcher_builder *matcher_builder_new(void)
{
	struct matcher_builder *builder = g_new0(struct matcher_builder, 1);

	builder->words = g_array_new(FALSE, FALSE, sizeof(struct matcher_word));
	g_array_set_clear_func(builder->words, word_clear);
	return builder;
}

void matcher_add(struct matcher_builder *builder, const char *text, guint word)
{
	struct matcher_word added = {.text = g_strdup(text), .number = word};

	g_return_if_fail(*text);
	g_array_append_val(builder->words, added);
}

static struct node *node_at(const GArray *nodes, guint32 index)
{
	return &g_array_index(nodes, struct node, index);
}

static guint32 child_of(const GArray *nodes, guint32 parent, guint8 byte)
{
	guint32 child = node_at(nodes, parent)->child;

	while (child != NONE && node_at(nodes, child)->byte != byte)
		child = node_at(nodes, child)->sibling;
	return child;
}

static guint32 add_node(GArray *nodes, guint32 parent, guint8 byte)
{
	struct node node = {.child = NONE, .sibling = NONE, .first = NONE, .byte = byte};

	if (nodes->len) {
		node.sibling = node_at(nodes, parent)->child;
		node_at(nodes, parent)->child = nodes->len;
	}
	g_array_append_val(nodes, node);
	return nodes->len - 1;
}

static void add_word(struct matcher *matcher, GArray *nodes, const struct matcher_word *word)
{
	struct output output = {.word = word->number, .length = (guint32)strlen(word->text)};
	guint32 node = 0;

	for (const char *at = word->text; *at; at++) {
		guint8 byte = (guint8)*at;
		guint32 child = child_of(nodes, node, byte);

		if (matcher->class_of[byte] == 0)
			matcher->class_of[byte] = (guint8)matcher->classes++;
		node = child != NONE ? child : add_node(nodes, node, byte);
	}
	output.next = node_at(nodes, node)->first;
	node_at(nodes, node)->first = matcher->outputs->len;
	g_array_append_val(matcher->outputs, output);
	matcher->longest = MAX(matcher->longest, output.length);
}

/* A node's suffix is that of its parent and one byte more, or of the parent's suffix, and so on. */
static void link_child(const GArray *nodes, guint32 parent, guint32 child)
{
	struct node *node = node_at(nodes, child);

	node->suffix = 0;
	while (parent != 0) {
		guint32 other;

		parent = node_at(nodes, parent)->suffix;
		other = child_of(nodes, parent, node->byte);
		if (other != NONE) {
			node->suffix = other;
			break;
		}
	}
	node->loud = node->first != NONE || node_at(nodes, node->suffix)->loud;
}

/* Nodes breadth first, so that suffixes come before what they are suffixes of. Returns: (transfer
 * full) */
static guint32 *link_nodes(const GArray *nodes)
{
	guint32 *order = g_new0(guint32, nodes->len);
	guint tail = 1;

	for (guint head = 0; head < nodes->len; head++)
		for (guint32 child = node_at(nodes, order[head])->child; child != NONE;
		     child = node_at(nodes, child)->sibling) {
			link_child(nodes, order[head], child);
			order[tail++] = child;
		}
	return order;
}

static void number_states(struct matcher *matcher, const GArray *nodes, const guint32 *order)
{
	guint loud = 0;
	guint quiet = 0;

	matcher->states = nodes->len;
	for (guint i = 0; i < nodes->len; i++)
		matcher->quiet += !node_at(nodes, i)->loud;
	for (guint i = 0; i < nodes->len; i++) {
		struct node *node = node_at(nodes, order[i]);

		node->number = node->loud ? matcher->quiet + loud++ : quiet++;
	}
	matcher->first = g_new(guint32, loud + 1);
	matcher->shorter = g_new(guint32, loud + 1);
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = node_at(nodes, i);
		const struct node *suffix = node_at(nodes, node->suffix);

		if (!node->loud)
			continue;
		matcher->first[node->number - matcher->quiet] = node->first;
		matcher->shorter[node->number - matcher->quiet] = suffix->loud ? suffix->number : 0;
	}
}

static void set_step(struct matcher *matcher, guint32 from, guint class, guint32 to)
{
	gsize place = (gsize)from * matcher->classes + class;

	if (matcher->narrow)
		matcher->narrow[place] = (guint16)to;
	else if (matcher->wide)
		matcher->wide[place] = to;
}

static gint by_text(gconstpointer a, gconstpointer b)
{
	const struct matcher_word *one = a;
	const struct matcher_word *two = b;

	return strcmp(one->text, two->text);
}

/* Not for words that are no text. */
static void make_filter(struct matcher *matcher)
{
	for (guint i = 0; i < matcher->words->len; i++)
		if (!g_utf8_validate(g_array_index(matcher->words, struct matcher_word, i).text, -1,
				     NULL))
			return;
	g_array_sort(matcher->words, by_text);
	matcher->filter = filter_new(matcher, matcher->words);
}

/* A state goes where its suffix goes, but for its own children. */
static void fill_steps(struct matcher *matcher, const GArray *nodes, const guint32 *order)
{
	gsize size = (gsize)matcher->states * matcher->classes;
	gsize row = matcher->classes;

	if (matcher->states <= NARROW)
		matcher->narrow = g_new0(guint16, size);
	else
		matcher->wide = g_new0(guint32, size);
	for (guint i = 0; i < nodes->len; i++) {
		const struct node *node = node_at(nodes, order[i]);
		gsize from = node_at(nodes, node->suffix)->number * row;

		if (order[i] != 0 && matcher->narrow)
			memcpy(matcher->narrow + node->number * row, matcher->narrow + from,
			       row * sizeof *matcher->narrow);
		else if (order[i] != 0)
			memcpy(matcher->wide + node->number * row, matcher->wide + from,
			       row * sizeof *matcher->wide);
		for (guint32 child = node->child; child != NONE;
		     child = node_at(nodes, child)->sibling) {
			const struct node *to = node_at(nodes, child);

			set_step(matcher, node->number, matcher->class_of[to->byte], to->number);
		}
	}
}

struct matcher *matcher_build(struct matcher_builder *builder)
{
	struct matcher *matcher = g_new0(struct matcher, 1);
	g_autoptr(GArray) nodes = g_array_new(FALSE, FALSE, sizeof(struct node));
	g_autofree guint32 *order = NULL;

	matcher->outputs = g_array_new(FALSE, FALSE, sizeof(struct output));
	matcher->classes = 1;
	matcher->longest = 1;
	add_node(nodes, 0, 0);
	matcher->words = builder->words;
	for (guint i = matcher->words->len; i > 0; i--)
		add_word(matcher, nodes,
			 &g_array_index(matcher->words, struct matcher_word, i - 1));
	order = link_nodes(nodes);
	number_states(matcher, nodes, order);
	fill_steps(matcher, nodes, order);
	make_filter(matcher);
	g_free(builder);
	return matcher;
}

void matcher_free(struct matcher *matcher)
{
	if (!matcher)
		return;
	g_free(matcher->narrow);
	g_free(matcher->wide);
	filter_free(matcher->filter);
	g_array_unref(matcher->words);
	g_free(matcher->first);
	g_free(matcher->shorter);
	g_array_unref(matcher->outputs);
	g_free(matcher);
}
