#include "base/fold.h"

#include <string.h>

#define BMP       0x10000
#define NONE      BMP   /* of bytes that are no character, or one beyond the table: stays */
#define CASED_END 0x530 /* Latin, Greek, Cyrillic */

/* Made by simplified.awk: a traditional character and its simplified one, and so on; 0. */
extern const guint16 simplified[];

struct table {
	guint32 changes[BMP / 32]; /* a bit a character: it becomes another, or is a blank */
	guint16 to[BMP];
};

static guint utf8_length(guint c)
{
	return c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
}

static void set(struct table *table, guint from, guint to)
{
	if (to == from || to >= BMP || utf8_length(to) > utf8_length(from))
		return;
	table->to[from] = (guint16)to;
	table->changes[from / 32] |= 1u << (from % 32);
}

static gboolean is_blank(guint c)
{
	return c == ' ' || c == '\t' || c == 0xa0 || c == 0xad || (c >= 0x2000 && c <= 0x200d) ||
	       c == 0x202f || c == 0x205f || c == 0x2060 || c == 0x3000 || c == 0xfeff;
}

static gboolean is_chinese(guint c)
{
	return c >= 0x3400 && c <= 0x9fff;
}

/* Characters that stand for one Chinese character: ⼯ U+2F2F for 工. */
static void set_compatible(struct table *table, guint from, guint to)
{
	for (guint c = from; c <= to; c++) {
		gunichar other[2];

		if (g_unichar_fully_decompose(c, TRUE, other, 2) == 1 && is_chinese(other[0]))
			set(table, c, table->to[other[0]]);
	}
}

static gpointer make_table(gpointer unused)
{
	struct table *table = g_new0(struct table, 1);

	(void)unused;
	for (guint c = 0; c < BMP; c++) {
		table->to[c] = (guint16)c;
		if (is_blank(c))
			table->changes[c / 32] |= 1u << (c % 32);
	}
	for (guint c = 0; c < CASED_END; c++)
		set(table, c, g_unichar_tolower(c));
	for (const guint16 *pair = simplified; *pair; pair += 2)
		set(table, pair[0], pair[1]);
	for (guint c = 0xff01; c <= 0xff5e; c++)
		set(table, c, table->to[c - 0xff00 + ' ']);
	set(table, 0x3000, ' ');
	set(table, 0xff61, 0x3002);
	set(table, 0xff64, 0x3001);
	set_compatible(table, 0x2e80, 0x2fdf);
	set_compatible(table, 0xf900, 0xfaff);
	return table;
}

static const struct table *the_table(void)
{
	static GOnce once = G_ONCE_INIT;

	return g_once(&once, make_table, NULL);
}

/* The character at a place. Returns how many bytes it has. */
static inline guint character_at(const char *text, gsize left, guint *c_out)
{
	guint32 b = 0;

	if (left >= 4)
		memcpy(&b, text, 4);
	else
		memcpy(&b, text, left);
	b = GUINT32_FROM_LE(b);
	*c_out = b & 0x7f;
	if ((b & 0x80) == 0)
		return 1;
	*c_out = (b & 0xf) << 12 | (b >> 2 & 0xfc0) | (b >> 16 & 0x3f);
	if ((b & 0xc0c0f0) == 0x8080e0 && *c_out >= 0x800)
		return 3;
	*c_out = (b & 0x1f) << 6 | (b >> 8 & 0x3f);
	if ((b & 0xc0e0) == 0x80c0 && *c_out >= 0x80)
		return 2;
	*c_out = NONE;
	return 1;
}

static inline gboolean changes(const struct table *table, guint c)
{
	return c < BMP && table->changes[c / 32] >> (c % 32) & 1;
}

/* Bytes of blanks that stand in front of a Chinese character; 0 when they are too many. */
static gsize gap_at(const struct table *table, const char *text, gsize left)
{
	gsize at = 0;
	guint c = NONE;

	for (guint blanks = 0; at < left && blanks <= FOLD_GAP_MAX; blanks++) {
		guint length = character_at(text + at, left - at, &c);

		if (!is_blank(c))
			return c < BMP && is_chinese(table->to[c]) ? at : 0;
		at += length;
	}
	return 0;
}

/* How far nothing folds; `last_out`: the character before that. */
static gsize plain_length(const struct table *table, const char *text, gsize size, guint *last_out)
{
	guint last = NONE;
	gsize at = 0;

	while (at < size) {
		guint c;
		guint length = character_at(text + at, size - at, &c);

		if (changes(table, c) &&
		    (table->to[c] != c ||
		     (is_chinese(last) && gap_at(table, text + at, size - at))))
			break;
		last = c;
		at += length;
	}
	*last_out = last;
	return at;
}

/* A character that becomes another. */
static inline void append(struct folded *folded, guint c, gsize from)
{
	char bytes[6];
	gint length = g_unichar_to_utf8(c, bytes);

	for (gint i = 0; i < length; i++) {
		folded->from[folded->size] = (guint32)from;
		folded->own[folded->size++] = bytes[i];
	}
}

/* A character that stays. */
static inline void keep(struct folded *folded, const char *character, guint length, gsize from)
{
	char *to = folded->own + folded->size;
	guint32 *places = folded->from + folded->size;

#pragma GCC unroll 3
	for (guint i = 0; i < length; i++) {
		to[i] = character[i];
		places[i] = (guint32)from;
	}
	folded->size += length;
}

/* From a place on that is the first that folds. */
static void fold_rest(const struct table *table, struct folded *folded_inout, gsize at, guint last)
{
	struct folded folded = *folded_inout; /* which no byte that is written can change */
	const char *text = folded.original;
	gsize size = folded.original_size;

	while (at < size) {
		guint c;
		guint length = character_at(text + at, size - at, &c);
		gsize gap = 0;

		if (!changes(table, c)) {
			if (length == 3)
				keep(&folded, text + at, 3, at);
			else
				keep(&folded, text + at, length, at);
			last = c;
			at += length;
			continue;
		}
		if (is_blank(c) && is_chinese(last))
			gap = gap_at(table, text + at, size - at);
		if (!gap) {
			last = table->to[c];
			if (last < 0x80)
				keep(&folded, &(char){(char)last}, 1, at);
			else
				append(&folded, last, at);
		}
		at += gap ? gap : length;
	}
	*folded_inout = folded;
}

void fold_text(const char *text, gsize size, struct folded *folded_out)
{
	const struct table *table = the_table();
	guint last;
	gsize plain = plain_length(table, text, size, &last);

	*folded_out = (struct folded){text, plain, text, size, NULL, NULL};
	if (plain == size)
		return;
	folded_out->text = folded_out->own = g_malloc(size + 1);
	folded_out->from = g_new(guint32, size);
	folded_out->size = 0;
	for (gsize at = 0; at < plain; at = folded_out->size) {
		guint c;
		guint length = character_at(text + at, plain - at, &c);

		keep(folded_out, text + at, length, at);
	}
	fold_rest(table, folded_out, plain, last);
	folded_out->own[folded_out->size] = '\0';
}

void fold_clear(struct folded *folded)
{
	g_clear_pointer(&folded->own, g_free);
	g_clear_pointer(&folded->from, g_free);
}

guint fold_start(const struct folded *folded, guint place)
{
	if (!folded->from)
		return place;
	return place < folded->size ? folded->from[place] : (guint)folded->original_size;
}

guint fold_end(const struct folded *folded, guint place)
{
	guint from;
	guint c;

	if (!folded->from || place == 0)
		return place;
	from = folded->from[place - 1];
	return from + character_at(folded->original + from, folded->original_size - from, &c);
}

gunichar fold_character(gunichar c)
{
	if (c >= BMP || !changes(the_table(), c))
		return c;
	return is_blank(c) ? ' ' : the_table()->to[c];
}

char *fold_word(const char *word)
{
	struct folded folded;

	fold_text(word, strlen(word), &folded);
	g_free(folded.from);
	return folded.own ? folded.own : g_strdup(word);
}

void fold_add(struct matcher_builder *builder, const char *word, guint number)
{
	g_autofree char *folded = fold_word(word);

	matcher_add(builder, folded, number);
}

GArray *fold_find(const struct matcher *matcher, const char *text, gsize size)
{
	struct folded folded;
	GArray *found;

	fold_text(text, size, &folded);
	found = matcher_find(matcher, folded.text, folded.size);
	for (guint i = 0; folded.from && i < found->len; i++) {
		struct match *match = &g_array_index(found, struct match, i);

		match->start = fold_start(&folded, match->start);
		match->end = fold_end(&folded, match->end);
	}
	fold_clear(&folded);
	return found;
}
