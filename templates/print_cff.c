#include "templates/print_cff.h"

#include <hb-ot.h>
#include <math.h>
#include <string.h>

#define STACK_MAX 48  /* 5177, appendix B */
#define FLAT      0.9 /* units that a curve may leave its chord by */
#define FINE      1000

enum { /* operators of charstrings */
       OP_NONE = 0,
       OP_VMOVE = 4,
       OP_LINES = 5,
       OP_HLINES = 6,
       OP_VLINES = 7,
       OP_CURVES = 8,
       OP_END = 14,
       OP_MOVE = 21,
       OP_HMOVE = 22,
       OP_VVCURVES = 26,
       OP_HHCURVES = 27,
       OP_VHCURVES = 30,
       OP_HVCURVES = 31,
};

enum { /* operators of dictionaries; two bytes begin with 12 */
       DICT_BBOX = 5,
       DICT_CHARSET = 15,
       DICT_CHARSTRINGS = 17,
       DICT_PRIVATE = 18,
       DICT_DEFAULT_WIDTH = 20,
       DICT_MATRIX = 0x0c07,
       DICT_ROS = 0x0c1e,
       DICT_CID_COUNT = 0x0c22,
       DICT_FD_ARRAY = 0x0c24,
       DICT_FD_SELECT = 0x0c25,
};

/* Operands are gathered while one operator can take them. */
struct pen {
	GByteArray *out;
	double scale;
	int x, y;
	int arguments[STACK_MAX];
	guint count;
	int op;
	gboolean coarse;     /* curves that are nearly lines become lines */
	gboolean horizontal; /* what an alternating operator takes next */
};

static void put_byte(GByteArray *out, guint value)
{
	const guint8 byte = (guint8)value;

	g_byte_array_append(out, &byte, 1);
}

static void put_short(GByteArray *out, guint value)
{
	put_byte(out, value >> 8);
	put_byte(out, value);
}

/* 5177, 3.2 */
static void put_number(GByteArray *out, int value)
{
	if (value >= -107 && value <= 107) {
		put_byte(out, (guint)(value + 139));
	} else if (value >= 108 && value <= 1131) {
		put_byte(out, (guint)((value - 108) >> 8) + 247);
		put_byte(out, (guint)(value - 108));
	} else if (value <= -108 && value >= -1131) {
		put_byte(out, (guint)((-value - 108) >> 8) + 251);
		put_byte(out, (guint)(-value - 108));
	} else {
		put_byte(out, 28);
		put_short(out, (guint)value & 0xffffU);
	}
}

static void end_op(struct pen *pen)
{
	if (pen->op == OP_NONE)
		return;
	for (guint i = 0; i < pen->count; i++)
		put_number(pen->out, pen->arguments[i]);
	put_byte(pen->out, (guint)pen->op);
	pen->count = 0;
	pen->op = OP_NONE;
}

static void add(struct pen *pen, int op, const int *arguments, guint count)
{
	if (pen->op != op || pen->count + count > STACK_MAX)
		end_op(pen);
	pen->op = op;
	for (guint i = 0; i < count; i++)
		pen->arguments[pen->count++] = arguments[i];
}

/* For operators whose operands alternate between horizontal and vertical: either of the two goes on
 * when it is its turn, else `op`, which begins that way, begins anew. */
static void add_turn(struct pen *pen, int op, int other, gboolean horizontal, const int *arguments,
		     guint count)
{
	gboolean goes_on = (pen->op == op || pen->op == other) && pen->horizontal == horizontal &&
			   pen->count + count <= STACK_MAX;

	if (!goes_on)
		end_op(pen);
	add(pen, goes_on ? pen->op : op, arguments, count);
	pen->horizontal = !horizontal;
}

static void line_to(struct pen *pen, int x, int y)
{
	const int by[] = {x - pen->x, y - pen->y};

	pen->x = x;
	pen->y = y;
	if (by[0] == 0 && by[1] == 0)
		return;
	if (by[1] == 0)
		add_turn(pen, OP_HLINES, OP_VLINES, TRUE, by, 1);
	else if (by[0] == 0)
		add_turn(pen, OP_VLINES, OP_HLINES, FALSE, by + 1, 1);
	else
		add(pen, OP_LINES, by, 2);
}

static int rounded(const struct pen *pen, float value)
{
	return (int)lround((double)value * pen->scale);
}

static void on_move(hb_draw_funcs_t *funcs, void *data, hb_draw_state_t *state, float to_x,
		    float to_y, void *user)
{
	struct pen *pen = data;
	int x = rounded(pen, to_x), y = rounded(pen, to_y);

	(void)funcs, (void)state, (void)user;
	end_op(pen);
	if (y != pen->y && x != pen->x)
		put_number(pen->out, x - pen->x);
	if (y == pen->y)
		put_number(pen->out, x - pen->x);
	else
		put_number(pen->out, y - pen->y);
	put_byte(pen->out, y == pen->y ? OP_HMOVE : x == pen->x ? OP_VMOVE : OP_MOVE);
	pen->x = x;
	pen->y = y;
}

static void on_line(hb_draw_funcs_t *funcs, void *data, hb_draw_state_t *state, float x, float y,
		    void *user)
{
	struct pen *pen = data;

	(void)funcs, (void)state, (void)user;
	line_to(pen, rounded(pen, x), rounded(pen, y));
}

/* Whether both control points lie within FLAT of the chord, and no farther out: a curve of which
 * the eye sees no more than of a line. */
static gboolean is_flat(const int by[6])
{
	double x = by[0] + by[2] + by[4], y = by[1] + by[3] + by[5], length = hypot(x, y);
	double off1 = fabs(x * by[1] - y * by[0]), off2 = fabs(x * by[5] - y * by[4]);
	double along1 = x * by[0] + y * by[1], along2 = x * by[4] + y * by[5];

	return length > 0 && off1 <= FLAT * length && off2 <= FLAT * length && along1 >= 0 &&
	       along2 >= 0;
}

static void on_curve(hb_draw_funcs_t *funcs, void *data, hb_draw_state_t *state, float x1, float y1,
		     float x2, float y2, float to_x, float to_y, void *user)
{
	struct pen *pen = data;
	int x = rounded(pen, to_x), y = rounded(pen, to_y);
	const int by[] = {rounded(pen, x1) - pen->x,
			  rounded(pen, y1) - pen->y,
			  rounded(pen, x2) - rounded(pen, x1),
			  rounded(pen, y2) - rounded(pen, y1),
			  x - rounded(pen, x2),
			  y - rounded(pen, y2)};

	(void)funcs, (void)state, (void)user;
	if (pen->coarse && is_flat(by)) {
		line_to(pen, x, y);
		return;
	}
	pen->x = x;
	pen->y = y;
	if (by[1] == 0 && by[5] == 0)
		add(pen, OP_HHCURVES, (const int[]){by[0], by[2], by[3], by[4]}, 4);
	else if (by[0] == 0 && by[4] == 0)
		add(pen, OP_VVCURVES, (const int[]){by[1], by[2], by[3], by[5]}, 4);
	else if (by[1] == 0 && by[4] == 0)
		add_turn(pen, OP_HVCURVES, OP_VHCURVES, TRUE,
			 (const int[]){by[0], by[2], by[3], by[5]}, 4);
	else if (by[0] == 0 && by[5] == 0)
		add_turn(pen, OP_VHCURVES, OP_HVCURVES, FALSE,
			 (const int[]){by[1], by[2], by[3], by[4]}, 4);
	else
		add(pen, OP_CURVES, by, 6);
}

static hb_draw_funcs_t *draw_funcs(void)
{
	static hb_draw_funcs_t *funcs;

	if (funcs)
		return funcs;
	funcs = hb_draw_funcs_create();
	hb_draw_funcs_set_move_to_func(funcs, on_move, NULL, NULL);
	hb_draw_funcs_set_line_to_func(funcs, on_line, NULL, NULL);
	hb_draw_funcs_set_cubic_to_func(funcs, on_curve, NULL, NULL);
	hb_draw_funcs_make_immutable(funcs);
	return funcs;
}

GBytes *print_cff_outline(hb_font_t *font, guint glyph, guint upem, guint resolution)
{
	struct pen pen = {.out = g_byte_array_new(),
			  .scale = (double)resolution / upem,
			  .coarse = resolution < FINE};
	int width = rounded(&pen, (float)hb_font_get_glyph_h_advance(font, glyph));

	if (width != (int)resolution) /* the default */
		put_number(pen.out, width);
	/* quadratic curves of TrueType come as cubic ones, since no function takes them */
	hb_font_get_glyph_shape(font, glyph, draw_funcs(), &pen);
	end_op(&pen);
	put_byte(pen.out, OP_END);
	return g_byte_array_free_to_bytes(pen.out);
}

/* --- the font --- */

static void put_op(GByteArray *out, guint op)
{
	if (op > 0xff)
		put_short(out, op);
	else
		put_byte(out, op);
}

/* Five bytes, whatever the value: so a dictionary's size is known before what it points to. */
static void put_long(GByteArray *out, guint value)
{
	put_byte(out, 29);
	put_short(out, value >> 16);
	put_short(out, value & 0xffffU);
}

static void put_offset(GByteArray *out, guint value, guint op)
{
	put_long(out, value);
	put_op(out, op);
}

/* 5176, table 5: nibbles, "a" is the point, "f" the end. */
static void put_real(GByteArray *out, double value)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	guint nibble = 0;
	gboolean half = FALSE;

	g_ascii_formatd(text, sizeof text, "%.8f", value);
	put_byte(out, 30);
	for (const char *p = text;; p++) {
		guint next = *p == '\0' ? 0xf : *p == '.' ? 0xa : (guint)(*p - '0');

		if (half)
			put_byte(out, nibble << 4 | next);
		nibble = next;
		half = !half;
		if (*p == '\0')
			break;
	}
	if (half)
		put_byte(out, 0xff);
}

static void put_bytes(GByteArray *out, guint value, guint size)
{
	while (size-- > 0)
		put_byte(out, value >> (8 * size));
}

static void put_index(GByteArray *out, const GPtrArray *items)
{
	guint offset = 1, end = 1, size;

	put_short(out, items->len);
	if (items->len == 0)
		return;
	for (guint i = 0; i < items->len; i++)
		end += (guint)g_bytes_get_size(g_ptr_array_index(items, i));
	size = end > 0xffffff ? 4 : end > 0xffff ? 3 : end > 0xff ? 2 : 1;
	put_byte(out, size);
	for (guint i = 0; i <= items->len; i++) {
		put_bytes(out, offset, size);
		if (i < items->len)
			offset += (guint)g_bytes_get_size(g_ptr_array_index(items, i));
	}
	for (guint i = 0; i < items->len; i++) {
		gsize length;
		const guint8 *data = g_bytes_get_data(g_ptr_array_index(items, i), &length);

		g_byte_array_append(out, data, (guint)length);
	}
}

static void put_index_of(GByteArray *out, const char *const *texts, guint count)
{
	g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	for (guint i = 0; i < count; i++)
		g_ptr_array_add(items, g_bytes_new(texts[i], strlen(texts[i])));
	put_index(out, items);
}

struct offsets {
	guint charset, select, charstrings, array, private;
};

static GByteArray *top_dict(guint glyphs, guint resolution, const struct offsets *offsets)
{
	GByteArray *out = g_byte_array_new();

	put_number(out, 391); /* the first strings of the font's own */
	put_number(out, 392);
	put_number(out, 0);
	put_op(out, DICT_ROS);
	if (resolution != 1000) {
		const double matrix[] = {1.0 / resolution, 0, 0, 1.0 / resolution, 0, 0};

		for (guint i = 0; i < G_N_ELEMENTS(matrix); i++) {
			if (matrix[i] > 0)
				put_real(out, matrix[i]);
			else
				put_number(out, 0);
		}
		put_op(out, DICT_MATRIX);
	}
	put_offset(out, glyphs, DICT_CID_COUNT);
	put_offset(out, offsets->charset, DICT_CHARSET);
	put_offset(out, offsets->select, DICT_FD_SELECT);
	put_offset(out, offsets->charstrings, DICT_CHARSTRINGS);
	put_offset(out, offsets->array, DICT_FD_ARRAY);
	return out;
}

static void put_one_item(GByteArray *out, GByteArray *item)
{
	g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);

	g_ptr_array_add(items, g_byte_array_free_to_bytes(item));
	put_index(out, items);
}

/* The whole font, with the offsets that the round before found. */
static GByteArray *lay_out(const char *name, const GPtrArray *outlines, guint resolution,
			   struct offsets *offsets)
{
	static const char *const strings[] = {"Adobe", "Identity"};
	GByteArray *out = g_byte_array_new();
	GByteArray *font_dict = g_byte_array_new();
	g_autoptr(GByteArray) private = g_byte_array_new();

	put_short(out, 0x0100); /* version 1.0, header of 4 bytes, offsets of 4 bytes */
	put_short(out, 0x0404);
	put_index_of(out, &name, 1);
	put_one_item(out, top_dict(outlines->len, resolution, offsets));
	put_index_of(out, strings, G_N_ELEMENTS(strings));
	put_short(out, 0); /* no global subroutines */
	offsets->charset = out->len;
	put_byte(out, 2); /* one range: CID 1 and all that follow */
	put_short(out, 1);
	put_short(out, outlines->len > 1 ? outlines->len - 2 : 0);
	offsets->select = out->len;
	put_byte(out, 3); /* one range: all are of font dictionary 0 */
	put_short(out, 1);
	put_short(out, 0);
	put_byte(out, 0);
	put_short(out, outlines->len);
	offsets->private = out->len;
	put_number(private, (int)resolution);
	put_op(private, DICT_DEFAULT_WIDTH);
	g_byte_array_append(out, private->data, private->len);
	put_long(font_dict, private->len);
	put_offset(font_dict, offsets->private, DICT_PRIVATE);
	offsets->array = out->len;
	put_one_item(out, font_dict);
	offsets->charstrings = out->len;
	put_index(out, outlines);
	return out;
}

GByteArray *print_cff(const char *name, const GPtrArray *outlines, guint resolution)
{
	struct offsets offsets = {0};
	GByteArray *first = lay_out(name, outlines, resolution, &offsets);

	g_byte_array_unref(first);
	return lay_out(name, outlines, resolution, &offsets);
}
