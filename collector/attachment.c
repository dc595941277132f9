#include "collector/attachment.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/ooxml.h"
#include "base/zip.h"
#include "collector/body.h"
#include "collector/cover.h"
#include "collector/html.h"
#include "collector/name.h"
#include "collector/pdf.h"
#include "collector/pdf_form.h"
#include "collector/rtf.h"
#include "collector/tnef.h"
#include "templates/form.h"

#include <string.h>

#define OOXML  "application/vnd.openxmlformats-officedocument."
#define BINARY "application/octet-stream"

static const struct zip_bounds zip_bounds = {ATTACHMENT_ENTRIES_MAX, ATTACHMENT_RATIO_MAX,
					     ATTACHMENT_RATIO_FREE};

void reading_attachment_free(struct reading_attachment *attachment)
{
	if (!attachment)
		return;
	g_free(attachment->name);
	g_free(attachment->type);
	g_free(attachment->sha256);
	g_free(attachment->text);
	g_free(attachment->unread);
	g_ptr_array_unref(attachment->inside);
	g_free(attachment);
}

void attachment_begin(struct attachment_run *run, struct form_answers **form_inout,
		      GPtrArray *problems)
{
	run->form = form_inout;
	run->problems = problems;
	run->items_left = ATTACHMENT_ITEMS_MAX;
	run->unpacked_left = ATTACHMENT_UNPACKED_MAX;
	run->office_left = ATTACHMENT_OFFICE_MAX;
	run->text_left = READING_ATTACHED_TEXT_MAX;
	run->wanted = NULL;
	run->found = NULL;
}

/* --- what it is ----------------------------------------------------------------------------- */

enum sort {
	SORT_OTHER,
	SORT_EMPTY,
	SORT_TEXT,
	SORT_HTML,
	SORT_RTF,
	SORT_DOCX,
	SORT_XLSX,
	SORT_MESSAGE,
	SORT_ZIP,
	SORT_TNEF,
	SORT_PACKED, /* archives that are not opened */
	SORT_OLD_OFFICE,
	SORT_PICTURE,
	SORT_PDF,
};

static gboolean begins(GBytes *content, const char *bytes, gsize n)
{
	gsize size;
	const void *data = g_bytes_get_data(content, &size);

	return size >= n && memcmp(data, bytes, n) == 0;
}

/* By the first bytes, which say more than a name or a type; SORT_OTHER when they say nothing. */
static enum sort sort_of_bytes(GBytes *content)
{
	static const struct {
		const char *bytes;
		gsize n;
		enum sort sort;
	} known[] = {
	    {"%PDF-", 5, SORT_PDF},
	    {"{\\rtf", 5, SORT_RTF},
	    {"\xd0\xcf\x11\xe0", 4, SORT_OLD_OFFICE},
	    {"\x78\x9f\x3e\x22", 4, SORT_TNEF},
	    {"\x89PNG", 4, SORT_PICTURE},
	    {"GIF8", 4, SORT_PICTURE},
	    {"\xff\xd8\xff", 3, SORT_PICTURE},
	    {"II*\0", 4, SORT_PICTURE},
	    {"MM\0*", 4, SORT_PICTURE},
	    {"Rar!", 4, SORT_PACKED},
	    {"7z\xbc\xaf", 4, SORT_PACKED},
	    {"\x1f\x8b", 2, SORT_PACKED},
	};

	if (g_bytes_get_size(content) == 0)
		return SORT_EMPTY;
	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (begins(content, known[i].bytes, known[i].n))
			return known[i].sort;
	return SORT_OTHER;
}

static enum sort sort_of_name(const char *name)
{
	static const struct {
		const char *ending;
		enum sort sort;
	} known[] = {
	    {".docx", SORT_DOCX},      {".xlsx", SORT_XLSX},      {".zip", SORT_ZIP},
	    {".eml", SORT_MESSAGE},    {".html", SORT_HTML},      {".htm", SORT_HTML},
	    {".txt", SORT_TEXT},       {".xml", SORT_TEXT},       {".csv", SORT_TEXT},
	    {".doc", SORT_OLD_OFFICE}, {".wps", SORT_OLD_OFFICE}, {".xls", SORT_OLD_OFFICE},
	    {".et", SORT_OLD_OFFICE},  {".ppt", SORT_OLD_OFFICE}, {".jpg", SORT_PICTURE},
	    {".jpeg", SORT_PICTURE},   {".heic", SORT_PICTURE},   {".bmp", SORT_PICTURE},
	    {".webp", SORT_PICTURE},   {".rar", SORT_PACKED},     {".7z", SORT_PACKED},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(known); i++)
		if (name_ends_with(name, known[i].ending))
			return known[i].sort;
	return SORT_OTHER;
}

static enum sort sort_of_type(const char *type)
{
	if (strcmp(type, "text/html") == 0)
		return SORT_HTML;
	if (strcmp(type, "text/rtf") == 0 || strcmp(type, "application/rtf") == 0)
		return SORT_RTF;
	if (g_str_has_prefix(type, "text/") || strcmp(type, "application/xml") == 0 ||
	    strcmp(type, "message/delivery-status") == 0)
		return SORT_TEXT;
	if (strcmp(type, OOXML "wordprocessingml.document") == 0)
		return SORT_DOCX;
	if (strcmp(type, OOXML "spreadsheetml.sheet") == 0)
		return SORT_XLSX;
	if (strcmp(type, "application/zip") == 0 ||
	    strcmp(type, "application/x-zip-compressed") == 0 || strcmp(type, BINARY) == 0)
		return SORT_ZIP;
	return g_str_has_prefix(type, "image/") ? SORT_PICTURE : SORT_OTHER;
}

/* The sort of what begins as a zip archive: documents are such archives too. */
static enum sort sort_of_zip(const struct mime_part *part)
{
	g_autoptr(zip_archive) zip = zip_open(part->content, &zip_bounds, NULL);
	const GPtrArray *entries = zip ? zip_entries(zip) : NULL;
	enum sort sort = sort_of_name(part->name);

	if (sort == SORT_OTHER)
		sort = sort_of_type(part->type);
	for (guint i = 0; entries && i < entries->len; i++) {
		const char *name = ((struct zip_entry *)g_ptr_array_index(entries, i))->name;

		if (strcmp(name, "word/document.xml") == 0)
			return SORT_DOCX;
		if (strcmp(name, "xl/workbook.xml") == 0)
			return SORT_XLSX;
		if (strcmp(name, "[Content_Types].xml") == 0 || strcmp(name, "mimetype") == 0 ||
		    strcmp(name, "OFD.xml") == 0)
			sort = sort == SORT_DOCX || sort == SORT_XLSX ? sort : SORT_OTHER;
	}
	return sort == SORT_DOCX || sort == SORT_XLSX || sort == SORT_ZIP ? sort : SORT_OTHER;
}

static enum sort sort_of(const struct mime_part *part)
{
	enum sort sort;

	if (part->message)
		return SORT_MESSAGE;
	sort = sort_of_bytes(part->content);
	if (sort == SORT_OTHER && pdf_is(part->content, part->type, part->name))
		return SORT_PDF;
	if (sort == SORT_OTHER && zip_is(part->content))
		return sort_of_zip(part);
	if (sort == SORT_OTHER)
		sort = sort_of_name(part->name);
	if (sort == SORT_OTHER)
		sort = sort_of_type(part->type);
	/* only the bytes make it one of these */
	if (sort == SORT_RTF && !begins(part->content, "{\\rtf", 5))
		return SORT_TEXT;
	return sort == SORT_ZIP && !name_ends_with(part->name, ".zip") ? SORT_OTHER : sort;
}

/* --- its text ------------------------------------------------------------------------------- */

static char *html_text(const struct mime_part *part, char *(*convert)(const char *, gsize, guint *),
		       guint *lost_out)
{
	gboolean cut;
	struct mime_part as_html = *part;
	g_autofree char *html = NULL;
	g_autofree char *marked = NULL;
	char type[] = "text/html";

	as_html.type = type;
	html = body_text_cut(&as_html, &cut);
	marked = convert(html, strlen(html), lost_out);
	*lost_out |= cut ? HTML_LOST_TEXT : 0;
	return html_unmark(marked);
}

static char *rtf_text(GBytes *content)
{
	gsize size;
	const char *bytes = g_bytes_get_data(content, &size);

	return rtf_to_text(bytes, size);
}

/* Up to READING_ATTACHMENT_TEXT_MAX bytes of it, and no more than the message has left. */
static void set_text(struct attachment_run *run, struct reading_attachment *attachment, char *text)
{
	gsize max = MIN(run->text_left, READING_ATTACHMENT_TEXT_MAX);
	const char *stop;

	if (!text)
		return;
	if (strlen(text) > max) {
		g_utf8_validate_len(text, max, &stop);
		text[stop - text] = '\0';
		g_free(attachment->unread);
		attachment->unread = g_strdup(_("it has more text than is read"));
	}
	run->text_left -= strlen(text);
	attachment->text = text;
}

static void set_unread(struct reading_attachment *attachment, const char *why)
{
	g_free(attachment->unread);
	attachment->unread = g_strdup(why);
}

/* A fault of the file: staff see why, and it is a remark of the message. */
static void set_fault(struct attachment_run *run, struct reading_attachment *attachment,
		      const char *why)
{
	set_unread(attachment, why);
	g_ptr_array_add(run->problems,
			g_strdup_printf("attachment-unread: %s: %s",
					attachment->name ? attachment->name : attachment->type,
					why));
}

/* --- what is in it -------------------------------------------------------------------------- */

static struct reading_attachment *read_part(struct attachment_run *run,
					    const struct mime_part *part, guint depth);

/* Reads one that is within `outer`; FALSE when there were too many. */
static gboolean read_inside(struct attachment_run *run, struct reading_attachment *outer,
			    const struct mime_part *part, guint depth)
{
	if (run->items_left == 0) {
		set_fault(run, outer, _("there are more files than are read"));
		return FALSE;
	}
	g_ptr_array_add(outer->inside, read_part(run, part, depth + 1));
	return TRUE;
}

/* A file without any header of a part. */
static void read_file(struct attachment_run *run, struct reading_attachment *outer, char *name,
		      const char *type, GBytes *content, guint depth)
{
	g_autofree char *its_type = g_ascii_strdown(type, -1);
	struct mime_part part = {.name = name, .type = its_type, .content = content};

	read_inside(run, outer, &part, depth);
}

static void read_message_part(struct attachment_run *run, struct reading_attachment *outer,
			      const struct mime_message *message, guint depth)
{
	struct message_bodies bodies;

	message_bodies_read(message, &bodies);
	set_text(run, outer, html_unmark(bodies.marked));
	if (bodies.lost & HTML_LOST_TEXT)
		set_unread(outer, _("it has more text than is read"));
	for (guint i = 0; i < bodies.attachments->len; i++)
		if (!read_inside(run, outer, g_ptr_array_index(bodies.attachments, i), depth))
			break;
	message_bodies_clear(&bodies);
}

static void read_eml(struct attachment_run *run, struct reading_attachment *outer, GBytes *content,
		     guint depth)
{
	struct mime_message *message = mime_parse(content, run->problems);

	read_message_part(run, outer, message, depth);
	mime_message_free(message);
}

/* An entry that cannot be unpacked stands there with the reason. */
static void read_entry(struct attachment_run *run, struct reading_attachment *outer,
		       struct zip *zip, const struct zip_entry *entry, guint depth)
{
	g_autoptr(GError) error = NULL;
	guint64 before = zip_taken(zip);
	g_autoptr(GBytes) content = zip_unpack(zip, entry, run->unpacked_left, &error);
	struct reading_attachment *kept;

	/* also what turned out broken was work */
	run->unpacked_left -= MIN(run->unpacked_left, (gsize)(zip_taken(zip) - before));
	if (content) {
		read_file(run, outer, entry->name, BINARY, content, depth);
		return;
	}
	run->items_left--;
	kept = g_new0(struct reading_attachment, 1);
	kept->name = g_strdup(entry->name);
	kept->type = g_strdup(BINARY);
	kept->bytes = entry->size;
	kept->inside = g_ptr_array_new_with_free_func((GDestroyNotify)reading_attachment_free);
	set_fault(run, kept, error->message);
	g_ptr_array_add(outer->inside, kept);
}

static void read_zip(struct attachment_run *run, struct reading_attachment *outer, GBytes *file,
		     guint depth)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(zip_archive) zip = zip_open(file, &zip_bounds, &error);
	const GPtrArray *entries = zip ? zip_entries(zip) : NULL;

	if (!zip) {
		set_fault(run, outer, error->message);
		return;
	}
	for (guint i = 0; i < entries->len; i++) {
		if (run->items_left == 0) {
			set_fault(run, outer, _("there are more files than are read"));
			return;
		}
		read_entry(run, outer, zip, g_ptr_array_index(entries, i), depth);
	}
}

static void read_tnef(struct attachment_run *run, struct reading_attachment *outer, GBytes *file,
		      guint depth)
{
	g_autoptr(GError) error = NULL;
	gboolean whole;
	struct tnef *tnef = tnef_read(file, &whole, &error);

	if (!tnef) {
		set_fault(run, outer, error->message);
		return;
	}
	set_text(run, outer, g_steal_pointer(&tnef->body));
	for (guint i = 0; i < tnef->attachments->len; i++) {
		const struct tnef_attachment *attachment = g_ptr_array_index(tnef->attachments, i);

		if (attachment->content)
			read_file(run, outer, attachment->name,
				  attachment->type ? attachment->type : BINARY, attachment->content,
				  depth);
	}
	if (!whole)
		set_fault(run, outer, _("the file breaks off: what stands before was read"));
	tnef_free(tnef);
}

/* --- all ------------------------------------------------------------------------------------ */

/* Why nobody but a person reads files of that sort. */
static const char *why_unread(enum sort sort)
{
	switch (sort) {
	case SORT_OLD_OFFICE:
		return _("an old Office file, or one locked by a password");
	case SORT_PICTURE:
		return _("a picture");
	case SORT_PACKED:
		return _("an archive of another kind than .zip");
	default:
		return _("a kind of file that is not read");
	}
}

static void read_office(struct attachment_run *run, struct reading_attachment *attachment,
			GBytes *content, enum sort sort)
{
	g_autoptr(GError) error = NULL;
	char *text = sort == SORT_DOCX ? ooxml_docx_text(content, &run->office_left, &error)
				       : ooxml_xlsx_text(content, &run->office_left, &error);

	if (text)
		set_text(run, attachment, text);
	else
		set_fault(run, attachment, error->message);
}

static void read_pdf(struct attachment_run *run, struct reading_attachment *attachment,
		     GBytes *content)
{
	g_autoptr(GError) error = NULL;
	char *text = pdf_read(content, PDF_TEXT, &error);

	if (text)
		set_text(run, attachment, text);
	else if (error)
		set_fault(run, attachment, error->message);
	else
		set_unread(attachment, _("a PDF file without text"));
}

static void read_html(struct attachment_run *run, struct reading_attachment *attachment,
		      const struct mime_part *part)
{
	guint lost;

	set_text(run, attachment, html_text(part, html_read, &lost));
	if (lost & HTML_LOST_TEXT)
		set_unread(attachment, _("it has more text than is read"));
}

/* Whether it would be turned into text: not where none of it would be kept. */
static gboolean is_converted(enum sort sort)
{
	return sort == SORT_TEXT || sort == SORT_HTML || sort == SORT_RTF || sort == SORT_DOCX ||
	       sort == SORT_XLSX || sort == SORT_PDF;
}

static void read_content(struct attachment_run *run, struct reading_attachment *attachment,
			 const struct mime_part *part, enum sort sort, guint depth)
{
	gboolean outer = sort == SORT_MESSAGE || sort == SORT_ZIP || sort == SORT_TNEF;

	if (run->text_left == 0 && is_converted(sort))
		set_unread(attachment, _("it has more text than is read"));
	else if (outer && depth >= ATTACHMENT_DEPTH_MAX)
		set_fault(run, attachment, _("it lies within too many others"));
	else if (sort == SORT_EMPTY)
		set_text(run, attachment, g_strdup(""));
	else if (sort == SORT_TEXT)
		set_text(run, attachment, body_text(part));
	else if (sort == SORT_HTML)
		read_html(run, attachment, part);
	else if (sort == SORT_RTF)
		set_text(run, attachment, rtf_text(part->content));
	else if (sort == SORT_DOCX || sort == SORT_XLSX)
		read_office(run, attachment, part->content, sort);
	else if (sort == SORT_PDF)
		read_pdf(run, attachment, part->content);
	else if (part->message)
		read_message_part(run, attachment, part->message, depth);
	else if (sort == SORT_MESSAGE)
		read_eml(run, attachment, part->content, depth);
	else if (sort == SORT_ZIP)
		read_zip(run, attachment, part->content, depth);
	else if (sort == SORT_TNEF)
		read_tnef(run, attachment, part->content, depth);
	else
		set_unread(attachment, why_unread(sort));
}

void attachment_add_form(struct form_answers **form_inout, struct form_answers *found,
			 GPtrArray *problems)
{
	guint known = *form_inout ? (*form_inout)->doubt : FORM_SURE;

	if (found->doubt & FORM_MARKS) {
		g_array_set_size(found->ratings, 0);
		if (g_strcmp0(found->disclosure, "named") == 0)
			g_clear_pointer(&found->disclosure, g_free);
	}
	if (!form_answers_merge(form_inout, found))
		g_ptr_array_add(problems, g_strdup("form-numbers"));
	if ((*form_inout)->doubt & ~known & FORM_MARKS)
		g_ptr_array_add(problems, g_strdup("form-unread: marks"));
	if ((*form_inout)->doubt & ~known & FORM_WORDS)
		g_ptr_array_add(problems, g_strdup("form-unread: words"));
}

void attachment_form(const char *name, const char *type, GBytes *content,
		     struct form_answers **form_inout, GPtrArray *problems)
{
	struct form_answers *found = NULL;
	g_autoptr(GError) error = NULL;

	if (g_bytes_get_size(content) == 0)
		return;
	if (!form_recognise(name, type, content, &found, &error))
		g_ptr_array_add(problems, g_strdup_printf("form-unread: %s", error->message));
	else if (found)
		attachment_add_form(form_inout, found, problems);
}

/* Our form in the text of what is no form by its bytes. HTML is read anew, a row a line whatever
 * stands around its words; so is a PDF, by where its words stand. */
static void read_text_form(struct attachment_run *run, const struct reading_attachment *attachment,
			   const struct mime_part *part, enum sort sort)
{
	g_autofree char *rows = NULL;
	g_autofree char *rest = NULL;
	struct form_answers *found;
	guint lost = 0, unplaced = FORM_SURE;

	if (!attachment->text || form_text_rows(attachment->text) < FORM_ROWS_MIN)
		return;
	if (sort == SORT_HTML)
		rows = html_text(part, html_to_rows, &lost);
	else if (sort == SORT_PDF && !(rows = pdf_form_rows(part->content, &unplaced)))
		unplaced = FORM_MARKS | FORM_WORDS;
	found = form_text_read(part->name, rows ? rows : attachment->text, &rest);
	if (!found)
		return;
	found->doubt |= unplaced;
	/* what stands outside of the rows may be said, too */
	if (!found->doubt && !cover_is_polite(rest, TRUE))
		found->doubt |= FORM_WORDS;
	if (attachment->unread || lost) /* rows may stand in what was not read */
		found->doubt |= FORM_MARKS | FORM_WORDS;
	attachment_add_form(run->form, found, run->problems);
}

/*
 * Our form in it. Looking for one unpacks a document's text once more; `unpacked` is what that took
 * the first time, 0 when it was not read. Where nothing is left for that, a person looks.
 */
static void read_form(struct attachment_run *run, struct reading_attachment *attachment,
		      const struct mime_part *part, enum sort sort, guint64 unpacked)
{
	if (sort == SORT_DOCX) {
		if (run->office_left == 0) {
			set_unread(attachment, _("there are more files than are read"));
			return;
		}
		unpacked = unpacked ? MIN(unpacked, FORM_PART_MAX) : FORM_PART_MAX;
		run->office_left -= MIN(run->office_left, unpacked);
	}
	if (!part->message)
		attachment_form(part->name, part->type, part->content, run->form, run->problems);
	if (sort != SORT_DOCX)
		read_text_form(run, attachment, part, sort);
}

static struct reading_attachment *read_part(struct attachment_run *run,
					    const struct mime_part *part, guint depth)
{
	struct reading_attachment *attachment = g_new0(struct reading_attachment, 1);
	guint64 office_left = run->office_left;
	enum sort sort;

	attachment->name = g_strdup(part->name);
	attachment->type = g_strdup(part->type);
	attachment->bytes = g_bytes_get_size(part->content);
	attachment->sha256 = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, part->content);
	attachment->inside =
	    g_ptr_array_new_with_free_func((GDestroyNotify)reading_attachment_free);
	if (!run->found && g_strcmp0(run->wanted, attachment->sha256) == 0)
		run->found = g_bytes_ref(part->content);
	if (run->items_left == 0) {
		set_unread(attachment, _("there are more files than are read"));
		return attachment;
	}
	run->items_left--;
	sort = sort_of(part);
	read_content(run, attachment, part, sort, depth);
	read_form(run, attachment, part, sort, office_left - run->office_left);
	return attachment;
}

struct reading_attachment *attachment_read(struct attachment_run *run, const struct mime_part *part)
{
	return read_part(run, part, 0);
}
