#include "templates/print.h"

#include "base/error.h"
#include "templates/print_inside.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define RESOLUTION 1000 /* units of an em: one file has its fonts once */
#define RESOLUTION_EACH                                                                            \
	200           /* a file a letter: at 16 pt a unit is 0.03 mm, a dot of 900 an inch         \
		       */
#define LEVEL       6 /* of deflate */
#define SHARED_PART 2 /* what is on 1/2 of the letters goes into the shared fonts */

struct print {
	struct print_set set;
	gboolean each;
	char *path, *part;
	FILE *file;
	struct pdf *pdf;
	struct print_ink *shared; /* with each: the fonts that the files share … */
	struct print_ink *ink;    /* … and what this one needs besides; else all */
	struct print_pages *sheet;
	guint *sheet_forms; /* objects, by page */
	GArray *forms_used; /* of guint: those of paragraphs on the pages just written */
	guint font_dictionary, resources; /* objects */
	GPtrArray *labels;                /* struct label, waiting for their page to be full */
	GString *content;
	struct print_report report;
	gboolean done;
};

/* A label that waits: the caller's letter does not last. */
struct label {
	const char *values[LETTER_FIELDS];
	struct print_letter letter;
	char *copies[5];
};

/* A file that holds private links is nobody else's: not behind a link that waits there, nor one
 * that others can read. One that an earlier run left is taken away. */
static int create_part(const char *path)
{
	unlink(path);
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
}

static gboolean fail_path(const char *path, int code, GError **error)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("%s: cannot be written: %s"), path,
		    g_strerror(code));
	return FALSE;
}

static gboolean open_path(struct print *print, const char *path, GError **error)
{
	int fd;

	print->path = g_strdup(path);
	if (print->each) {
		if (g_mkdir_with_parents(path, 0700) != 0 || access(path, W_OK) != 0)
			return fail_path(path, errno, error);
		return TRUE;
	}
	if (g_file_test(path, G_FILE_TEST_IS_DIR))
		return fail_path(path, EISDIR, error);
	print->part = g_strconcat(path, ".part", NULL);
	fd = create_part(print->part);
	print->file = fd < 0 ? NULL : fdopen(fd, "wb");
	return print->file || fail_path(path, errno, error);
}

/* Pages without a code have the resources that the tree gives them, the others name its fonts. */
static void begin_pdf(struct print *print)
{
	g_autofree char *text = NULL;

	pdf_free(print->pdf);
	print->pdf = pdf_new(print->file);
	print->font_dictionary = pdf_reserve(print->pdf);
	print->resources = pdf_reserve(print->pdf);
	text = g_strdup_printf("<</Font %u 0 R>>", print->font_dictionary);
	pdf_object(print->pdf, print->resources, text);
	pdf_resources(print->pdf, print->resources);
}

static void label_free(struct label *label)
{
	for (guint i = 0; i < G_N_ELEMENTS(label->copies); i++)
		g_free(label->copies[i]);
	g_free(label);
}

struct print *print_new(const struct print_style *style, const struct letter_view *view,
			const char *path, GError **error)
{
	g_autoptr(print_handle) print = g_new0(struct print, 1);

	print->each = style->each;
	print->content = g_string_new(NULL);
	print->forms_used = g_array_new(FALSE, FALSE, sizeof(guint));
	print->labels = g_ptr_array_new_with_free_func((GDestroyNotify)label_free);
	print->set = (struct print_set){
	    .view = view,
	    .office = g_strdup(style->office),
	    .address = g_strdup(style->address),
	    .phone = g_strdup(style->phone),
	    .english = style->english,
	    .window = style->window,
	    .label_columns = style->label_columns,
	    .label_rows = style->label_rows,
	    .stream = g_string_new(NULL),
	};
	print->set.fonts =
	    print_fonts_new(style, print->each ? RESOLUTION_EACH : RESOLUTION, error);
	if (!print->set.fonts || !open_path(print, path, error))
		return NULL;
	print->set.text = print_text_new(print->set.fonts, style->english);
	begin_pdf(print);
	if (!print->each)
		print->ink = print_ink_new(print->set.fonts, NULL);
	return g_steal_pointer(&print);
}

void print_free(struct print *print)
{
	if (!print)
		return;
	if (print->file)
		fclose(print->file);
	if (print->part && !print->done)
		unlink(print->part);
	print_pages_free(print->sheet);
	g_ptr_array_unref(print->labels);
	print_ink_free(print->ink);
	print_ink_free(print->shared);
	print_text_free(print->set.text);
	print_fonts_free(print->set.fonts);
	pdf_free(print->pdf);
	g_strfreev(print->report.fonts);
	g_strfreev(print->report.lent);
	g_free(print->report.missing);
	g_string_free(print->set.stream, TRUE);
	g_string_free(print->content, TRUE);
	g_array_unref(print->forms_used);
	g_free(print->set.office);
	g_free(print->set.address);
	g_free(print->set.phone);
	g_free(print->sheet_forms);
	g_free(print->path);
	g_free(print->part);
	g_free(print);
}

/* --- writing pages --- */

static guint write_code(struct print *print, const char *text)
{
	guint width, number = pdf_reserve(print->pdf);
	g_autoptr(GByteArray) bits = print_qr(text, &width);
	g_autofree char *entries = g_strdup_printf(
	    "/Type/XObject/Subtype/Image/Width %u/Height %u/ImageMask true/BitsPerComponent 1",
	    MAX(width, 1), MAX(width, 1));

	if (width == 0)
		return 0;
	pdf_stream(print->pdf, number, entries, bits->data, bits->len, LEVEL);
	return number;
}

static void put_code(GString *out)
{
	g_string_append(out, "q ");
	pdf_number(out, MM(PRINT_CODE));
	g_string_append(out, "0 0 ");
	pdf_number(out, MM(PRINT_CODE));
	pdf_number(out, MM(PRINT_CODE_X));
	pdf_number(out, MM(PRINT_PAGE_HEIGHT - PRINT_CODE_Y - PRINT_CODE));
	g_string_append(out, "cm 0 g/Q Do Q\n");
}

/* The pages of the return sheet as forms that each letter's pages show (8.10). */
static void write_sheet(struct print *print, struct print_ink *ink)
{
	guint count = print->sheet ? print->sheet->pages->len : 0;

	g_free(print->sheet_forms);
	print->sheet_forms = g_new0(guint, count + 1);
	for (guint i = 0; i < count; i++) {
		g_autofree char *entries =
		    g_strdup_printf("/Type/XObject/Subtype/Form/BBox[0 0 596 842]/Resources %u 0 R",
				    print->resources);

		print->sheet_forms[i] = pdf_reserve(print->pdf);
		g_string_truncate(print->content, 0);
		print_draw(g_ptr_array_index(print->sheet->pages, i), print->set.fonts, ink, NULL,
			   print->content);
		pdf_stream(print->pdf, print->sheet_forms[i], entries, print->content->str,
			   print->content->len, LEVEL);
	}
}

/* What pages show besides the fonts: the code, the return sheet, paragraphs. */
static void write_resources(struct print *print, guint number, guint code, guint form)
{
	g_autoptr(GString) text = g_string_new(NULL);

	g_string_printf(text, "<</Font %u 0 R/XObject<<", print->font_dictionary);
	if (code)
		g_string_append_printf(text, "/Q %u 0 R", code);
	if (form)
		g_string_append_printf(text, "/S %u 0 R", form);
	for (guint i = 0; i < print->forms_used->len; i++) {
		guint used = g_array_index(print->forms_used, guint, i);

		g_string_append_printf(text, "/P%u %u 0 R", used, used);
	}
	g_array_set_size(print->forms_used, 0);
	g_string_append(text, ">>>>");
	pdf_object(print->pdf, number, text->str);
}

static void write_page(struct print *print, const struct print_page *page, guint code, guint form,
		       guint resources)
{
	struct print_forms forms = {
	    .pdf = print->pdf, .resources = print->resources, .used = print->forms_used};
	guint number = pdf_reserve(print->pdf);

	g_string_truncate(print->content, 0);
	if (form)
		g_string_append(print->content, "q/S Do Q\n");
	if (code)
		put_code(print->content);
	print_draw(page, print->set.fonts, print->ink, print->each ? NULL : &forms, print->content);
	pdf_stream(print->pdf, number, "", print->content->str, print->content->len, LEVEL);
	pdf_page(print->pdf, MM(PRINT_PAGE_WIDTH), MM(PRINT_PAGE_HEIGHT), number, resources);
}

static void write_sheet_pages(struct print *print, const struct print_letter *letter)
{
	for (guint i = 0; print->sheet && i < print->sheet->pages->len; i++) {
		g_autoptr(print_pages_handle) own = print_pages_new();
		struct print_page *page = print_pages_add(own);
		g_autofree char *words =
		    print_code(letter->values[LETTER_LINK], letter->values[LETTER_NUMBER], i + 1);
		guint code = write_code(print, words);
		guint resources = pdf_reserve(print->pdf);

		print_set_number(&print->set, own, page, letter->values[LETTER_NUMBER], "");
		write_page(print, page, code, print->sheet_forms[i], resources);
		write_resources(print, resources, code, print->sheet_forms[i]);
	}
}

/* A letter and its return sheet. In one file an empty page lets the next begin on a new sheet, when
 * printed on both sides. */
static void write_letter(struct print *print, const struct print_pages *pages,
			 const struct print_letter *letter)
{
	g_autofree char *words =
	    print_code(letter->values[LETTER_LINK], letter->values[LETTER_NUMBER], 0);
	guint code = write_code(print, words);
	guint resources = pdf_reserve(print->pdf);

	for (guint i = 0; i < pages->pages->len; i++)
		write_page(print, g_ptr_array_index(pages->pages, i), code, 0, resources);
	write_resources(print, resources, code, 0);
	write_sheet_pages(print, letter);
	if (!print->each && pdf_pages(print->pdf) % 2 != 0)
		pdf_page(print->pdf, MM(PRINT_PAGE_WIDTH), MM(PRINT_PAGE_HEIGHT), 0, 0);
	print->report.letters++;
}

static void write_font_dictionary(struct print *print, const struct print_ink *ink)
{
	g_autoptr(GString) text = g_string_new(NULL);

	print_ink_resources(ink, text);
	pdf_object(print->pdf, print->font_dictionary, text->str);
}

/* --- a file a letter --- */

struct used {
	guint32 *letters; /* by face and glyph: how many letters show it */
	guint32 *last;    /* the letter that did last */
};

static void count_glyphs(struct used *used, const struct print_pages *pages, guint32 letter)
{
	for (guint p = 0; p < pages->paras->len; p++) {
		const struct print_para *para = g_ptr_array_index(pages->paras, p);

		for (guint r = 0; r < para->runs->len; r++) {
			const struct print_run *run =
			    &g_array_index(para->runs, struct print_run, r);

			for (guint i = 0; i < run->count; i++) {
				gsize at =
				    (gsize)run->face << 16 |
				    g_array_index(para->glyphs, struct print_glyph, run->first + i)
					.glyph;

				if (used->last[at] != letter + 1)
					used->letters[at]++;
				used->last[at] = letter + 1;
			}
		}
	}
}

/* Gives the glyphs that most letters show to fonts that are made once, and writes these to the
 * begin of the PDF, which stays. */
static void share_fonts(struct print *print, struct print_pages *const *pages, guint count)
{
	struct used used = {g_new0(guint32, PRINT_FACES_MAX << 16),
			    g_new0(guint32, PRINT_FACES_MAX << 16)};
	guint font;

	print_ink_free(print->ink);
	print_ink_free(print->shared);
	begin_pdf(print);
	print->shared = print_ink_new(print->set.fonts, NULL);
	for (guint i = 0; i < count; i++)
		count_glyphs(&used, pages[i], i);
	for (guint at = 0; at < PRINT_FACES_MAX << 16; at++) {
		if (used.letters[at] * SHARED_PART > count)
			print_ink_code(print->shared, at >> 16, at & 0xffffU, &font);
	}
	write_sheet(print, print->shared);
	print_ink_write(print->shared, print->pdf);
	pdf_mark(print->pdf);
	print->ink = print_ink_new(print->set.fonts, print->shared);
	g_free(used.letters);
	g_free(used.last);
}

/* Written beside it and renamed; print_end() has all files on the disk. */
static gboolean write_bytes(const char *path, const char *bytes, gsize size, GError **error)
{
	g_autofree char *part = g_strconcat(path, ".part", NULL);
	int fd = create_part(part);
	int code = fd < 0 ? errno : 0;

	while (size > 0 && !code) {
		ssize_t done = write(fd, bytes, size);

		if (done < 0 && errno != EINTR)
			code = errno;
		bytes += MAX(done, 0);
		size -= (gsize)MAX(done, 0);
	}
	if (fd >= 0 && close(fd) != 0 && !code)
		code = errno;
	if (!code && rename(part, path) != 0)
		code = errno;
	if (!code)
		return TRUE;
	unlink(part);
	return fail_path(path, code, error);
}

static gboolean write_file(struct print *print, const struct print_letter *letter, GError **error)
{
	g_autofree char *path = g_build_filename(print->path, letter->file, NULL);
	const char *bytes;
	gsize size;

	print_ink_write(print->ink, print->pdf);
	write_font_dictionary(print, print->ink);
	print->report.pages += pdf_pages(print->pdf);
	if (!pdf_finish(print->pdf, letter->values[LETTER_NUMBER],
			print->set.english ? "en" : "zh-CN", error))
		return FALSE;
	bytes = pdf_bytes(print->pdf, &size);
	return write_bytes(path, bytes, size, error);
}

static gboolean write_each(struct print *print, const struct print_letter *letters,
			   struct print_pages *const *pages, guint count, GError **error)
{
	share_fonts(print, pages, count);
	for (guint i = 0; i < count; i++) {
		pdf_back(print->pdf);
		print_ink_clear(print->ink);
		write_letter(print, pages[i], &letters[i]);
		if (!write_file(print, &letters[i], error))
			return FALSE;
	}
	return TRUE;
}

static gboolean print_each(struct print *print, const struct print_letter *letters, guint count,
			   GError **error)
{
	g_autoptr(GPtrArray) pages =
	    g_ptr_array_new_with_free_func((GDestroyNotify)print_pages_free);

	for (guint i = 0; i < count; i++) {
		struct print_pages *own = print_set_letter(&print->set, &letters[i], error);

		if (!own)
			return FALSE;
		g_ptr_array_add(pages, own);
	}
	return write_each(print, letters, (struct print_pages *const *)pages->pdata, count, error);
}

/* --- labels --- */

static void write_labels(struct print *print)
{
	g_autoptr(GArray) letters = g_array_new(FALSE, FALSE, sizeof(struct print_letter));
	g_autoptr(print_pages_handle) pages = NULL;

	for (guint i = 0; i < print->labels->len; i++)
		g_array_append_val(letters,
				   ((struct label *)g_ptr_array_index(print->labels, i))->letter);
	if (letters->len == 0)
		return;
	pages = print_set_labels(&print->set, (const struct print_letter *)(void *)letters->data,
				 letters->len);
	for (guint i = 0; i < pages->pages->len; i++) {
		guint resources = pdf_reserve(print->pdf);

		write_page(print, g_ptr_array_index(pages->pages, i), 0, 0, resources);
		write_resources(print, resources, 0, 0);
	}
	print->report.letters += letters->len;
	g_ptr_array_set_size(print->labels, 0);
}

static void add_label(struct print *print, const struct print_letter *letter)
{
	struct label *label = g_new0(struct label, 1);
	const enum letter_field fields[] = {LETTER_ENTERPRISE, LETTER_CONTACT, LETTER_NUMBER};

	for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
		label->copies[i] = g_strdup(letter->values[fields[i]]);
		label->values[fields[i]] = label->copies[i];
	}
	label->copies[3] = g_strdup(letter->address);
	label->copies[4] = g_strdup(letter->postcode);
	label->letter = (struct print_letter){
	    .values = label->values, .address = label->copies[3], .postcode = label->copies[4]};
	g_ptr_array_add(print->labels, label);
	if (print->labels->len >= print->set.label_columns * print->set.label_rows)
		write_labels(print);
}

/* --- the session --- */

gboolean print_add_sheet(struct print *print, const struct form *form,
			 const struct form_department *departments, gsize count, const char *title,
			 GError **error)
{
	print->sheet = print_set_sheet(&print->set, form, departments, count, title);
	if (print->sheet->pages->len > PRINT_PAGES_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the return sheet is longer than %d pages"), PRINT_PAGES_MAX);
		return FALSE;
	}
	if (!print->each)
		write_sheet(print, print->ink);
	return TRUE;
}

gboolean print_letters(struct print *print, const struct print_letter *letters, guint count,
		       GError **error)
{
	if (count == 0)
		return TRUE;
	if (print->each)
		return print_each(print, letters, count, error);
	for (guint i = 0; i < count; i++) {
		g_autoptr(print_pages_handle) pages = NULL;

		if (print->set.label_columns) {
			add_label(print, &letters[i]);
			continue;
		}
		pages = print_set_letter(&print->set, &letters[i], error);
		if (!pages)
			return FALSE;
		write_letter(print, pages, &letters[i]);
	}
	return TRUE;
}

static gboolean sync_folder(struct print *print, GError **error)
{
	int fd = open(print->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int code = fd < 0 || syncfs(fd) != 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return code == 0 || fail_path(print->path, code, error);
}

gboolean print_end(struct print *print, GError **error)
{
	if (print->each)
		return sync_folder(print, error);
	write_labels(print);
	print_ink_write(print->ink, print->pdf);
	write_font_dictionary(print, print->ink);
	if (!pdf_finish(print->pdf, print->set.office, print->set.english ? "en" : "zh-CN", error))
		return FALSE;
	if (fsync(fileno(print->file)) != 0 || rename(print->part, print->path) != 0)
		return fail_path(print->path, errno, error);
	print->done = TRUE;
	return TRUE;
}

const struct print_report *print_report(struct print *print)
{
	if (!print->each)
		print->report.pages = pdf_pages(print->pdf);
	print_fonts_report(print->set.fonts, &print->report);
	return &print->report;
}

const char *const *print_font_files(struct print *print)
{
	return print_fonts_files(print->set.fonts);
}
