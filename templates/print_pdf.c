#include "templates/print_pdf.h"

#include "base/error.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <zlib.h>

#define OUT_MAX    (1u << 20) /* bytes kept before they are written */
#define PACKED_MAX 200        /* objects in an object stream */
#define LEAF_MAX   200        /* pages under one node of the tree */
#define PLACE_SIZE 7          /* bytes of a row of the cross-reference stream: 1 + 5 + 1 */

/* Where an object stands: `inside` 0: at byte `at`; else in object stream `at`, as `index`. */
struct place {
	guint64 at : 48;
	guint64 index : 14;
	guint64 inside : 1;
	guint64 known : 1;
};

/* What pdf_back() goes back to. */
struct mark {
	gsize size;
	guint places;
};

struct pdf {
	FILE *file;
	int problem; /* errno of the first write that failed */
	GString *out;
	guint64 written; /* bytes before `out` */
	GArray *places;  /* of struct place, by object number */
	GString *packed_head;
	GString *packed;
	guint packed_count;
	guint packed_object;
	GArray *leaves; /* of guint: nodes that hold pages */
	GArray *kids;   /* of guint: pages of the last leaf */
	guint pages;
	guint root; /* of the page tree */
	guint resources;
	struct mark mark;
	z_stream deflate;
	int level;
	GByteArray *squeezed;
};

struct pdf *pdf_new(FILE *file)
{
	struct pdf *pdf = g_new0(struct pdf, 1);

	pdf->file = file;
	/* the second line says that bytes above 127 follow */
	pdf->out = g_string_new("%PDF-1.5\n%\xe8\xaf\x84\xe8\xae\xae\n");
	pdf->places = g_array_new(FALSE, TRUE, sizeof(struct place));
	g_array_set_size(pdf->places, 1); /* object 0 is nothing */
	pdf->packed_head = g_string_new(NULL);
	pdf->packed = g_string_new(NULL);
	pdf->leaves = g_array_new(FALSE, FALSE, sizeof(guint));
	pdf->kids = g_array_new(FALSE, FALSE, sizeof(guint));
	pdf->squeezed = g_byte_array_new();
	pdf->root = pdf_reserve(pdf);
	return pdf;
}

void pdf_free(struct pdf *pdf)
{
	if (!pdf)
		return;
	g_string_free(pdf->out, TRUE);
	g_array_unref(pdf->places);
	g_string_free(pdf->packed_head, TRUE);
	g_string_free(pdf->packed, TRUE);
	g_array_unref(pdf->leaves);
	g_array_unref(pdf->kids);
	g_byte_array_unref(pdf->squeezed);
	if (pdf->level)
		deflateEnd(&pdf->deflate);
	g_free(pdf);
}

/* --- bytes --- */

static void flush_out(struct pdf *pdf)
{
	if (!pdf->file)
		return;
	if (!pdf->problem && fwrite(pdf->out->str, 1, pdf->out->len, pdf->file) != pdf->out->len)
		pdf->problem = errno ? errno : EIO;
	pdf->written += pdf->out->len;
	g_string_truncate(pdf->out, 0);
}

guint pdf_reserve(struct pdf *pdf)
{
	g_array_set_size(pdf->places, pdf->places->len + 1);
	return pdf->places->len - 1;
}

static void begin_object(struct pdf *pdf, guint number)
{
	struct place *place = &g_array_index(pdf->places, struct place, number);

	place->at = (pdf->written + pdf->out->len) & 0xffffffffffffU;
	place->inside = 0;
	place->known = 1;
	g_string_append_printf(pdf->out, "%u 0 obj\n", number);
}

/* Deflates into pdf->squeezed; the state is made once, it costs more than a page. */
static void squeeze(struct pdf *pdf, const void *data, gsize size, int level)
{
	uLong bound;

	if (pdf->level == 0)
		deflateInit(&pdf->deflate, level);
	else
		deflateReset(&pdf->deflate);
	if (pdf->level != 0 && pdf->level != level)
		deflateParams(&pdf->deflate, level, Z_DEFAULT_STRATEGY);
	pdf->level = level;
	bound = deflateBound(&pdf->deflate, (uLong)size);
	g_byte_array_set_size(pdf->squeezed, (guint)bound);
	pdf->deflate.next_in = (Bytef *)(gsize)data;
	pdf->deflate.avail_in = (uInt)size;
	pdf->deflate.next_out = pdf->squeezed->data;
	pdf->deflate.avail_out = (uInt)bound;
	deflate(&pdf->deflate, Z_FINISH);
	g_byte_array_set_size(pdf->squeezed, (guint)pdf->deflate.total_out);
}

void pdf_stream(struct pdf *pdf, guint number, const char *entries, const void *data, gsize size,
		int level)
{
	begin_object(pdf, number);
	if (level > 0) {
		squeeze(pdf, data, size, level);
		data = pdf->squeezed->data;
		size = pdf->squeezed->len;
	}
	g_string_append_printf(pdf->out, "<<%s/Length %" G_GSIZE_FORMAT "%s>>stream\n", entries,
			       size, level > 0 ? "/Filter/FlateDecode" : "");
	g_string_append_len(pdf->out, data, (gssize)size);
	g_string_append(pdf->out, "\nendstream\nendobj\n");
	if (pdf->out->len > OUT_MAX)
		flush_out(pdf);
}

static void flush_packed(struct pdf *pdf)
{
	g_autofree char *entries = NULL;
	gsize first = pdf->packed_head->len;

	if (pdf->packed_count == 0)
		return;
	entries =
	    g_strdup_printf("/Type/ObjStm/N %u/First %" G_GSIZE_FORMAT, pdf->packed_count, first);
	g_string_append_len(pdf->packed_head, pdf->packed->str, (gssize)pdf->packed->len);
	pdf_stream(pdf, pdf->packed_object, entries, pdf->packed_head->str, pdf->packed_head->len,
		   6);
	g_string_truncate(pdf->packed_head, 0);
	g_string_truncate(pdf->packed, 0);
	pdf->packed_count = 0;
}

void pdf_object(struct pdf *pdf, guint number, const char *text)
{
	struct place *place;

	if (pdf->packed_count == 0)
		pdf->packed_object = pdf_reserve(pdf);
	place = &g_array_index(pdf->places, struct place, number);
	place->at = pdf->packed_object;
	place->index = pdf->packed_count & 0x3fffU;
	place->inside = 1;
	place->known = 1;
	g_string_append_printf(pdf->packed_head, "%u %" G_GSIZE_FORMAT " ", number,
			       pdf->packed->len);
	g_string_append(pdf->packed, text);
	g_string_append_c(pdf->packed, '\n');
	if (++pdf->packed_count >= PACKED_MAX)
		flush_packed(pdf);
}

/* --- pages --- */

static void end_leaf(struct pdf *pdf)
{
	g_autoptr(GString) text = g_string_new(NULL);

	if (pdf->kids->len == 0)
		return;
	g_string_printf(text, "<</Type/Pages/Parent %u 0 R/Count %u/Kids[", pdf->root,
			pdf->kids->len);
	for (guint i = 0; i < pdf->kids->len; i++)
		g_string_append_printf(text, "%u 0 R ", g_array_index(pdf->kids, guint, i));
	g_string_append(text, "]>>");
	pdf_object(pdf, g_array_index(pdf->leaves, guint, pdf->leaves->len - 1), text->str);
	g_array_set_size(pdf->kids, 0);
}

void pdf_page(struct pdf *pdf, double width, double height, guint contents, guint resources)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint number = pdf_reserve(pdf);

	if (pdf->kids->len == 0) {
		guint leaf = pdf_reserve(pdf);

		g_array_append_val(pdf->leaves, leaf);
	}
	g_string_printf(text, "<</Type/Page/Parent %u 0 R/MediaBox[0 0 ",
			g_array_index(pdf->leaves, guint, pdf->leaves->len - 1));
	pdf_number(text, width);
	pdf_number(text, height);
	g_string_append_c(text, ']');
	if (contents)
		g_string_append_printf(text, "/Contents %u 0 R", contents);
	if (resources)
		g_string_append_printf(text, "/Resources %u 0 R", resources);
	g_string_append(text, ">>");
	pdf_object(pdf, number, text->str);
	g_array_append_val(pdf->kids, number);
	pdf->pages++;
	if (pdf->kids->len >= LEAF_MAX)
		end_leaf(pdf);
}

void pdf_resources(struct pdf *pdf, guint object)
{
	pdf->resources = object;
}

guint pdf_pages(const struct pdf *pdf)
{
	return pdf->pages;
}

/* --- the end --- */

static void write_places(struct pdf *pdf, guint catalog, guint info)
{
	guint number = pdf_reserve(pdf);
	g_autoptr(GByteArray) rows = g_byte_array_sized_new(pdf->places->len * PLACE_SIZE);
	g_autofree char *entries = g_strdup_printf(
	    "/Type/XRef/Size %u/W[1 5 1]/Root %u 0 R/Info %u 0 R", number + 1, catalog, info);
	guint64 start = pdf->written + pdf->out->len;
	struct place *own = &g_array_index(pdf->places, struct place, number);

	own->at = start & 0xffffffffffffU;
	own->known = 1;
	for (guint i = 0; i < pdf->places->len; i++) {
		const struct place *place = &g_array_index(pdf->places, struct place, i);
		guint64 at = place->at;
		guint8 row[PLACE_SIZE] = {0};

		row[0] = place->known ? place->inside ? 2 : 1 : 0;
		for (guint k = 0; k < 5; k++)
			row[5 - k] = (guint8)(at >> (8 * k));
		row[6] = (guint8)place->index;
		g_byte_array_append(rows, row, PLACE_SIZE);
	}
	pdf_stream(pdf, number, entries, rows->data, rows->len, 6);
	g_string_append_printf(pdf->out, "startxref\n%" G_GUINT64_FORMAT "\n%%%%EOF\n", start);
}

gboolean pdf_finish(struct pdf *pdf, const char *title, const char *language, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	guint catalog = pdf_reserve(pdf);
	guint info = pdf_reserve(pdf);

	end_leaf(pdf);
	g_string_printf(text, "<</Type/Pages/Count %u/Resources %u 0 R/Kids[", pdf->pages,
			pdf->resources);
	for (guint i = 0; i < pdf->leaves->len; i++)
		g_string_append_printf(text, "%u 0 R ", g_array_index(pdf->leaves, guint, i));
	g_string_append(text, "]>>");
	pdf_object(pdf, pdf->root, text->str);
	g_string_printf(text,
			"<</Type/Catalog/Pages %u 0 R/Lang(%s)"
			"/ViewerPreferences<</DisplayDocTitle true/PrintScaling/None>>>>",
			pdf->root, language);
	pdf_object(pdf, catalog, text->str);
	g_string_assign(text, "<</Title");
	pdf_text(text, title);
	g_string_append(text, "/Producer(pingyi " PINGYI_VERSION ")>>");
	pdf_object(pdf, info, text->str);
	flush_packed(pdf);
	write_places(pdf, catalog, info);
	flush_out(pdf);
	if (pdf->file && !pdf->problem && fflush(pdf->file) != 0)
		pdf->problem = errno;
	if (!pdf->problem)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY, _("the PDF cannot be written: %s"),
		    g_strerror(pdf->problem));
	return FALSE;
}

void pdf_mark(struct pdf *pdf)
{
	flush_packed(pdf);
	pdf->mark = (struct mark){.size = pdf->out->len, .places = pdf->places->len};
}

void pdf_back(struct pdf *pdf)
{
	g_string_truncate(pdf->out, pdf->mark.size);
	g_array_set_size(pdf->places, pdf->mark.places);
	g_array_set_size(pdf->leaves, 0);
	g_array_set_size(pdf->kids, 0);
	pdf->pages = 0;
}

const char *pdf_bytes(const struct pdf *pdf, gsize *size_out)
{
	*size_out = pdf->out->len;
	return pdf->out->str;
}

/* --- syntax --- */

void pdf_number(GString *out, double value)
{
	long hundredths = lround(value * 100);
	char buffer[24];
	guint n = 0;
	unsigned long rest = (unsigned long)ABS(hundredths);

	/* written by hand: a page has hundreds of them */
	buffer[n++] = ' ';
	if (rest % 100 != 0) {
		if (rest % 10 != 0)
			buffer[n++] = (char)('0' + rest % 10);
		buffer[n++] = (char)('0' + rest / 10 % 10);
		buffer[n++] = '.';
	}
	rest /= 100;
	do {
		buffer[n++] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest > 0);
	if (hundredths < 0)
		buffer[n++] = '-';
	while (n > 0)
		g_string_append_c(out, buffer[--n]);
}

void pdf_text(GString *out, const char *text)
{
	gboolean plain = TRUE;

	for (const char *p = text; *p; p++)
		plain &= *p >= ' ' && *p < 0x7f && *p != '(' && *p != ')' && *p != '\\';
	if (plain) {
		g_string_append_printf(out, "(%s)", text);
		return;
	}
	g_string_append(out, "<FEFF");
	for (const char *p = text; *p; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c >= 0x10000)
			g_string_append_printf(out, "%04X%04X", 0xd7c0 + (c >> 10),
					       0xdc00 + (c & 0x3ff));
		else
			g_string_append_printf(out, "%04X", c);
	}
	g_string_append_c(out, '>');
}
