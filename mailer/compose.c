#include "mailer/compose.h"

#include "base/asset.h"
#include "base/error.h"
#include "db/letter.h"
#include "mailer/base64.h"
#include "mailer/mime.h"
#include "templates/form.h"
#include "templates/format.h"
#include "templates/view.h"

#include <string.h>

/* base64 has no "_", so no part can hold a line that ends it. */
#define MIXED       "=_pingyi_mixed"
#define ALTERNATIVE "=_pingyi_alternative"
#define RELATED     "=_pingyi_related"
#define NEXT(frame) "--" frame "\r\n"
#define END(frame)  "--" frame "--\r\n"

struct composer {
	enum compose_kind kind;
	struct letter_view *view;
	GBytes *form; /* NULL: none is attached */
	GTimeZone *zone;
	char *office, *signed_by;
	char *reply_to, *reply_to_url; /* the same, percent-encoded */
	char *from, *domain;
	gboolean english;
	gboolean plus; /* the number goes into the address for answers */
	/* what every mail has */
	GString *sender;      /* headers that say who writes */
	GString *alone;       /* the last headers, up to the text's first line; without files … */
	GString *accompanied; /* … and with */
	GString *between;     /* text and HTML */
	GString *after;       /* the HTML, with its pictures */
	GString *files;       /* the round's, each behind its frame */
};

struct compose_scratch {
	GString *html, *text, *subject, *line;
	char numbers[7][12]; /* of the mail, as text */
	GTimeZone *zone;     /* of `date` */
	gint64 second;       /* of `date` */
	GString *date;       /* the header */
};

/* --- composers --- */

static const char *setting(struct office *office, const char *group, const char *name)
{
	return office_setting(office, group, name, "");
}

static gboolean is_letter(enum compose_kind kind)
{
	return kind == COMPOSE_LETTER || kind == COMPOSE_REMINDER || kind == COMPOSE_REPLY;
}

static struct letter_view *view_of(const struct round *round, const char *language,
				   enum compose_kind kind, GError **error)
{
	static const char *const files[] = {[COMPOSE_REMINDER] = "reminder",
					    [COMPOSE_REPLY] = "reply",
					    [COMPOSE_DIGEST] = "digest",
					    [COMPOSE_NOTICE] = "notice"};
	g_autofree char *path = NULL;
	const struct asset *asset;

	if (kind == COMPOSE_LETTER)
		return letter_view_new(language, "letter.xhtml", round->template_text,
				       strlen(round->template_text), error);
	path = g_strdup_printf("templates/%s/%s.xhtml", language, files[kind]);
	asset = asset_find(path);
	return letter_view_new(language, path, asset->text, asset->size, error);
}

/* What is the same in every mail, so that the view need not fill it in each time. */
static void fix_values(struct composer *c, struct office *office, const struct round *round)
{
	const char *values[LETTER_FIELDS] = {NULL};

	values[LETTER_OFFICE] = c->office;
	values[LETTER_PHONE] = setting(office, "office", "phone");
	values[LETTER_ADDRESS] = setting(office, "office", "address");
	/* the office's name stands above already */
	values[LETTER_SIGNED_BY] = strcmp(c->signed_by, c->office) == 0 ? "" : c->signed_by;
	values[LETTER_ROUND] = round ? round->title : "";
	values[LETTER_OPENS] = round ? round->opens : "";
	values[LETTER_CLOSES] = round ? round->closes : "";
	values[LETTER_KEEP_UNTIL] = round ? round->keep_until : "";
	values[LETTER_FORM] = c->form ? "docx" : "";
	letter_view_fix(c->view, values);
}

static gboolean read_settings(struct composer *c, struct office *office, GError **error)
{
	const char *zone = office_setting(office, "office", "timezone", "Asia/Shanghai");

	c->zone = g_time_zone_new_identifier(zone);
	if (!c->zone) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: no time zone “%s”"), zone);
		return FALSE;
	}
	c->office = g_strdup(setting(office, "office", "name"));
	c->signed_by = g_strdup(setting(office, "office", "signed_by"));
	c->from = g_strdup(setting(office, "mail", "from"));
	c->reply_to = g_strdup(office_setting(office, "mail", "reply_to", c->from));
	c->reply_to_url = g_uri_escape_string(c->reply_to, "@+", FALSE);
	c->plus = strcmp(office_setting(office, "mail", "verp", "off"), "plus") == 0;
	c->domain = letter_domain(office);
	if (strchr(c->from, '@'))
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("pingyi.conf: [mail] from = “%s” is no address"), c->from);
	return FALSE;
}

/* Who writes and where answers go, as far as it is the same in every mail. */
static void write_sender(struct composer *c)
{
	mime_address(c->sender, "From", c->office, c->from);
	if (strcmp(c->reply_to, c->from) != 0 && !(c->plus && is_letter(c->kind)))
		mime_address(c->sender, "Reply-To", NULL, c->reply_to);
}

/* The last headers, up to the first line of text. */
static void write_opening(const struct composer *c, gboolean files, GString *out)
{
	/* RFC 3834, and what Exchange calls it. */
	mime_tokens(out, "Auto-Submitted", "auto-generated");
	mime_tokens(out, "X-Auto-Response-Suppress", "OOF, AutoReply");
	mime_tokens(out, "Content-Language", c->english ? "en" : "zh-CN");
	mime_tokens(out, "MIME-Version", "1.0");
	if (files)
		g_string_append(out, "Content-Type: multipart/mixed;\r\n boundary=\"" MIXED
				     "\"\r\n\r\n" NEXT(MIXED));
	g_string_append(out, "Content-Type: multipart/alternative;\r\n boundary=\"" ALTERNATIVE
			     "\"\r\n\r\n" NEXT(ALTERNATIVE));
	mime_text_head(out, "text/plain");
}

static gboolean refuse(const struct compose_attachment *file, const char *why, GError **error)
{
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT, _("attachment “%s”: %s"),
		    file->name ? file->name : "", why);
	return FALSE;
}

static gboolean check_file(const struct compose_attachment *file, gboolean picture, GError **error)
{
	if (!file->content)
		return refuse(file, _("its content is missing"), error);
	if (file->type && !mime_is_type(file->type))
		return refuse(file, _("its type is not one that a file can have"), error);
	if (picture && !(file->type && g_str_has_prefix(file->type, "image/")))
		return refuse(file, _("the letter shows it, and it is no picture"), error);
	return TRUE;
}

static void write_file(const struct composer *c, const struct compose_attachment *file,
		       const char *content_id, GString *out)
{
	g_autofree char *name =
	    mime_file_name(file->name ? file->name : "", c->english ? "attachment" : "附件");

	mime_file(out, file->type ? file->type : "application/octet-stream", name, content_id,
		  file->content);
}

/* The pictures that the HTML shows go with it, all other files behind the letter. */
static gboolean write_files(struct composer *c, const struct compose_attachment *files, guint count,
			    GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GString) pictures = g_string_new(NULL);

	for (guint i = 0; i < count; i++) {
		gboolean shown = files[i].name && letter_view_shows(c->view, files[i].name);

		if (!check_file(&files[i], shown, error))
			return FALSE;
		if (shown) {
			g_autofree char *id = g_strconcat(files[i].name, LETTER_PICTURE_AT, NULL);

			g_ptr_array_add(names, g_strdup(files[i].name));
			g_string_append(pictures, NEXT(RELATED));
			write_file(c, &files[i], id, pictures);
		} else {
			g_string_append(c->files, NEXT(MIXED));
			write_file(c, &files[i], NULL, c->files);
		}
	}
	g_ptr_array_add(names, NULL);
	if (!letter_view_check_pictures(c->view, (const char *const *)names->pdata, error))
		return FALSE;
	g_string_append(c->between, NEXT(ALTERNATIVE));
	if (pictures->len > 0)
		g_string_append(c->between,
				"Content-Type: multipart/related; type=\"text/html\";\r\n"
				" boundary=\"" RELATED "\"\r\n\r\n" NEXT(RELATED));
	mime_text_head(c->between, "text/html");
	if (pictures->len > 0)
		g_string_append_printf(c->after, "%s" END(RELATED), pictures->str);
	g_string_append(c->after, END(ALTERNATIVE));
	return TRUE;
}

static struct composer *composer_alloc(enum compose_kind kind)
{
	struct composer *c = g_new0(struct composer, 1);

	c->kind = kind;
	c->sender = g_string_new(NULL);
	c->alone = g_string_new(NULL);
	c->accompanied = g_string_new(NULL);
	c->between = g_string_new(NULL);
	c->after = g_string_new(NULL);
	c->files = g_string_new(NULL);
	return c;
}

struct composer *composer_new(struct office *office, const struct round *round,
			      enum compose_kind kind, const struct compose_attachment *attachments,
			      guint count, GError **error)
{
	g_autoptr(composer_handle) c = composer_alloc(kind);
	const char *language =
	    round ? round->language : office_setting(office, "office", "language", "zh");

	if (!round && is_letter(kind)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_BUG, _("a letter without a round"));
		return NULL;
	}
	c->english = strcmp(language, "en") == 0;
	c->view = view_of(round, c->english ? "en" : "zh", kind, error);
	if (!c->view || !read_settings(c, office, error))
		return NULL;
	if ((kind == COMPOSE_LETTER || kind == COMPOSE_REMINDER) && round->form)
		c->form = g_bytes_ref(round->form);
	if (!write_files(c, attachments, count, error))
		return NULL;
	fix_values(c, office, round);
	write_sender(c);
	write_opening(c, FALSE, c->alone);
	write_opening(c, TRUE, c->accompanied);
	return g_steal_pointer(&c);
}

void composer_free(struct composer *c)
{
	if (!c)
		return;
	letter_view_free(c->view);
	g_clear_pointer(&c->form, g_bytes_unref);
	g_clear_pointer(&c->zone, g_time_zone_unref);
	g_free(c->office);
	g_free(c->signed_by);
	g_free(c->from);
	g_free(c->reply_to);
	g_free(c->reply_to_url);
	g_free(c->domain);
	g_string_free(c->sender, TRUE);
	g_string_free(c->alone, TRUE);
	g_string_free(c->accompanied, TRUE);
	g_string_free(c->between, TRUE);
	g_string_free(c->after, TRUE);
	g_string_free(c->files, TRUE);
	g_free(c);
}

struct compose_scratch *compose_scratch_new(void)
{
	struct compose_scratch *scratch = g_new0(struct compose_scratch, 1);

	scratch->html = g_string_sized_new(8192);
	scratch->text = g_string_sized_new(8192);
	scratch->subject = g_string_new(NULL);
	scratch->line = g_string_new(NULL);
	scratch->date = g_string_new(NULL);
	return scratch;
}

void compose_scratch_free(struct compose_scratch *scratch)
{
	if (!scratch)
		return;
	g_string_free(scratch->html, TRUE);
	g_string_free(scratch->text, TRUE);
	g_string_free(scratch->subject, TRUE);
	g_string_free(scratch->line, TRUE);
	g_string_free(scratch->date, TRUE);
	g_clear_pointer(&scratch->zone, g_time_zone_unref);
	g_free(scratch);
}

/* --- one mail --- */

static void fill_counts(const struct compose_mail *mail, struct compose_scratch *scratch,
			const char *values[LETTER_FIELDS])
{
	const struct {
		enum letter_field field;
		guint number;
		gboolean said;
	} counts[] = {
	    {LETTER_TURN, mail->turn, TRUE},           {LETTER_TURNS, mail->turns, mail->turns > 0},
	    {LETTER_TO_SIGN, mail->to_sign, TRUE},     {LETTER_WORKING, mail->working, TRUE},
	    {LETTER_DUE_TODAY, mail->due_today, TRUE}, {LETTER_DUE_SOON, mail->due_soon, TRUE},
	    {LETTER_OVERDUE, mail->overdue, TRUE}};

	for (guint i = 0; i < G_N_ELEMENTS(counts); i++) {
		char *text = scratch->numbers[i];

		g_snprintf(text, sizeof scratch->numbers[i], "%u", counts[i].number);
		values[counts[i].field] = counts[i].said ? text : "";
	}
}

static void fill_values(const struct composer *c, const struct compose_mail *mail,
			struct compose_scratch *scratch, const char *values[LETTER_FIELDS])
{
	values[LETTER_ENTERPRISE] = mail->enterprise;
	values[LETTER_CONTACT] = mail->contact;
	values[LETTER_NUMBER] = mail->number;
	values[LETTER_LINK] = mail->link;
	values[LETTER_DATE] = mail->date;
	values[LETTER_OPINION] = mail->opinion;
	values[LETTER_ANSWER] = mail->answer;
	values[LETTER_FIRST_DATE] = mail->first_date;
	values[LETTER_NAME] = mail->name;
	values[LETTER_ITEMS] = mail->items;
	if (c->kind != COMPOSE_LETTER && c->kind != COMPOSE_REPLY)
		fill_counts(mail, scratch, values);
}

static void write_date(const struct composer *c, struct compose_scratch *scratch, GDateTime *now,
		       GString *out)
{
	gint64 second = g_date_time_to_unix(now);

	if (scratch->second != second || scratch->zone != c->zone) {
		g_autoptr(GDateTime) local = g_date_time_to_timezone(now, c->zone);
		GTimeZone *zone = g_time_zone_ref(c->zone);

		g_clear_pointer(&scratch->zone, g_time_zone_unref);
		scratch->zone = zone;
		scratch->second = second;
		g_string_truncate(scratch->date, 0);
		mime_date(scratch->date, local);
	}
	g_string_append_len(out, scratch->date->str, (gssize)scratch->date->len);
}

/* Where answers go: with the number in the address where the mailbox takes that. */
static void answer_address(const struct composer *c, const char *address, const char *number,
			   GString *out)
{
	const char *at = c->plus ? strrchr(address, '@') : NULL;

	if (!at) {
		g_string_append(out, address);
		return;
	}
	g_string_append_len(out, address, at - address);
	g_string_append_c(out, '+');
	g_string_append(out, number);
	g_string_append(out, at);
}

/* RFC 2369, 8058; "unsubscribe" means no more reminders. */
static void write_unsubscribe(const struct composer *c, const struct compose_mail *mail,
			      GString *line, GString *out)
{
	g_string_assign(line, "<mailto:");
	answer_address(c, c->reply_to_url, mail->number, line);
	g_string_append(line, "?subject=unsubscribe%20");
	g_string_append(line, mail->number);
	g_string_append(line, ">, <");
	g_string_append(line, mail->link);
	g_string_append(line, "/silence>");
	mime_tokens(out, "List-Unsubscribe", line->str);
	if (g_str_has_prefix(mail->link, "https://"))
		g_string_append(out, "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
}

/* What makes mails of one letter one conversation, and finds the letter for what is answered. */
static void write_letter_headers(const struct composer *c, const struct compose_mail *mail,
				 struct compose_scratch *scratch, GString *out)
{
	GString *line = scratch->line;
	gboolean reminds = c->kind == COMPOSE_REMINDER && mail->first_message_id;

	if (c->plus) {
		g_string_truncate(line, 0);
		answer_address(c, c->reply_to, mail->number, line);
		mime_address(out, "Reply-To", NULL, line->str);
	}
	if (reminds)
		mime_tokens(out, "In-Reply-To", mail->first_message_id);
	/* Most clients keep the first reference of what they answer. */
	g_string_assign(line, "<");
	g_string_append(line, mail->number);
	g_string_append_c(line, '@');
	g_string_append(line, c->domain);
	g_string_append_c(line, '>');
	if (reminds) {
		g_string_append_c(line, ' ');
		g_string_append(line, mail->first_message_id);
	}
	mime_tokens(out, "References", line->str);
	mime_tokens(out, "X-Pingyi-Letter", mail->number);
	write_unsubscribe(c, mail, line, out);
}

static void write_headers(const struct composer *c, const struct compose_mail *mail,
			  const char *const *values, struct compose_scratch *scratch, GString *out)
{
	g_string_append_len(out, c->sender->str, (gssize)c->sender->len);
	mime_address(out, "To", is_letter(c->kind) ? mail->enterprise : mail->name,
		     mail->recipient);
	g_string_truncate(scratch->subject, 0);
	letter_view_subject(c->view, values, scratch->subject);
	mime_header(out, "Subject", scratch->subject->str);
	mime_tokens(out, "Message-ID", mail->message_id);
	if (is_letter(c->kind))
		write_letter_headers(c, mail, scratch, out);
}

static gboolean write_own_files(const struct composer *c, const struct compose_mail *mail,
				GString *out, GError **error)
{
	g_autofree char *name = NULL;
	g_autoptr(GBytes) form = NULL;

	if (c->form) {
		form = form_docx_stamp(c->form, mail->number, error);
		if (!form)
			return FALSE;
		name = g_strdup_printf(
		    c->english ? "Consultation form %s.docx" : "征求意见表 %s.docx", mail->number);
		g_string_append(out, NEXT(MIXED));
		write_file(c, &(struct compose_attachment){name, FORM_DOCX_TYPE, form}, NULL, out);
	}
	for (guint i = 0; i < mail->attachment_count; i++) {
		if (!check_file(&mail->attachments[i], FALSE, error))
			return FALSE;
		g_string_append(out, NEXT(MIXED));
		write_file(c, &mail->attachments[i], NULL, out);
	}
	return TRUE;
}

gboolean composer_append(const struct composer *c, const struct compose_mail *mail, GDateTime *now,
			 struct compose_scratch *scratch, GString *out, GError **error)
{
	const char *values[LETTER_FIELDS] = {NULL};
	gboolean files = c->form || c->files->len > 0 || mail->attachment_count > 0;
	const GString *opening = files ? c->accompanied : c->alone;
	gsize before = out->len;

	fill_values(c, mail, scratch, values);
	g_string_truncate(scratch->html, 0);
	g_string_truncate(scratch->text, 0);
	if (!letter_view_fill(c->view, values, scratch->html, scratch->text)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the letter would be larger than %u MB"), VIEW_OUTPUT_MAX >> 20);
		return FALSE;
	}
	write_date(c, scratch, now, out);
	write_headers(c, mail, values, scratch, out);
	g_string_append_len(out, opening->str, (gssize)opening->len);
	base64_lines(out, scratch->text->str, scratch->text->len);
	g_string_append_len(out, c->between->str, (gssize)c->between->len);
	base64_lines(out, scratch->html->str, scratch->html->len);
	g_string_append_len(out, c->after->str, (gssize)c->after->len);
	if (!files)
		return TRUE;
	g_string_append_len(out, c->files->str, (gssize)c->files->len);
	if (!write_own_files(c, mail, out, error)) {
		g_string_truncate(out, before);
		return FALSE;
	}
	g_string_append(out, END(MIXED));
	return TRUE;
}

GBytes *composer_message(const struct composer *c, const struct compose_mail *mail, GDateTime *now,
			 GError **error)
{
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	GString *out = g_string_sized_new(16384);

	if (composer_append(c, mail, now, scratch, out, error))
		return g_string_free_to_bytes(out);
	g_string_free(out, TRUE);
	return NULL;
}

void compose_item(GString *items, gint64 id, const char *department, const char *due,
		  gint64 days_left, gboolean english)
{
	const char *gap = english ? " · " : "　";

	g_string_append_printf(
	    items, english ? "No. %" G_GINT64_FORMAT : "第 %" G_GINT64_FORMAT " 件", id);
	if (department && *department)
		g_string_append_printf(items, "%s%s", gap, department);
	g_string_append(items, gap);
	format_date(items, due, english);
	g_string_append(items, gap);
	format_days(items, days_left, english);
	g_string_append_c(items, '\n');
}
