#include "mailer/compose.h"

#include "base/asset.h"
#include "base/error.h"
#include "db/letter.h"
#include "mailer/mime.h"
#include "templates/form.h"
#include "templates/view.h"

#include <string.h>

struct composer {
	enum compose_kind kind;
	struct letter_view *view;
	GBytes *form; /* NULL: none is attached */
	GTimeZone *zone;
	char *office, *phone, *address, *signed_by;
	char *title, *opens, *closes, *keep_until;
	char *from, *reply_to, *domain;
	gboolean english;
	gboolean plus; /* the number goes into the address for answers */
};

static char *setting(struct office *office, const char *group, const char *name,
		     const char *fallback)
{
	return g_strdup(office_setting(office, group, name, fallback));
}

static struct letter_view *view_of(const struct round *round, enum compose_kind kind,
				   GError **error)
{
	g_autofree char *path = g_strdup_printf("templates/%s/reply.xhtml", round->language);
	const struct asset *reply = asset_find(path);

	if (kind == COMPOSE_LETTER)
		return letter_view_new(round->language, "letter.xhtml", round->template_text,
				       strlen(round->template_text), error);
	return letter_view_new(round->language, path, reply->text, reply->size, error);
}

struct composer *composer_new(struct office *office, const struct round *round,
			      enum compose_kind kind, const struct compose_attachment *attachments,
			      guint count, GError **error)
{
	g_autoptr(composer_handle) c = g_new0(struct composer, 1);
	const char *zone = office_setting(office, "office", "timezone", "Asia/Shanghai");

	c->kind = kind;
	c->view = view_of(round, kind, error);
	if (!c->view)
		return NULL;
	if (kind == COMPOSE_LETTER && round->form)
		c->form = g_bytes_ref(round->form);
	c->zone = g_time_zone_new_identifier(zone);
	if (!c->zone) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: no time zone “%s”"), zone);
		return NULL;
	}
	c->office = setting(office, "office", "name", "");
	c->phone = setting(office, "office", "phone", "");
	c->address = setting(office, "office", "address", "");
	c->signed_by = setting(office, "office", "signed_by", "");
	c->from = setting(office, "mail", "from", "");
	c->reply_to = setting(office, "mail", "reply_to", c->from);
	c->plus = strcmp(office_setting(office, "mail", "verp", "off"), "plus") == 0;
	c->domain = letter_domain(office);
	c->title = g_strdup(round->title);
	c->opens = g_strdup(round->opens);
	c->closes = g_strdup(round->closes);
	c->keep_until = g_strdup(round->keep_until);
	c->english = strcmp(round->language, "en") == 0;
	if (!strchr(c->from, '@')) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("pingyi.conf: [mail] from = “%s” is no address"), c->from);
		return NULL;
	}
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
	g_free(c->phone);
	g_free(c->address);
	g_free(c->signed_by);
	g_free(c->title);
	g_free(c->opens);
	g_free(c->closes);
	g_free(c->keep_until);
	g_free(c->from);
	g_free(c->reply_to);
	g_free(c->domain);
	g_free(c);
}

static void fill_values(const struct composer *c, const struct compose_mail *mail,
			const char *values[LETTER_FIELDS])
{
	values[LETTER_ENTERPRISE] = mail->enterprise;
	values[LETTER_CONTACT] = mail->contact;
	values[LETTER_OFFICE] = c->office;
	values[LETTER_PHONE] = c->phone;
	values[LETTER_ADDRESS] = c->address;
	values[LETTER_ROUND] = c->title;
	values[LETTER_NUMBER] = mail->number;
	values[LETTER_LINK] = mail->link;
	values[LETTER_OPENS] = c->opens;
	values[LETTER_CLOSES] = c->closes;
	values[LETTER_KEEP_UNTIL] = c->keep_until;
	/* the office's name stands above already */
	values[LETTER_SIGNED_BY] = strcmp(c->signed_by, c->office) == 0 ? "" : c->signed_by;
	values[LETTER_DATE] = mail->date;
	values[LETTER_OPINION] = mail->opinion;
	values[LETTER_ANSWER] = mail->answer;
}

/* Where answers go: with the number in the address where the mailbox takes that. */
static char *answer_address(const struct composer *c, const char *number)
{
	const char *at = strrchr(c->reply_to, '@');

	if (!c->plus || !at)
		return g_strdup(c->reply_to);
	return g_strdup_printf("%.*s+%s%s", (int)(at - c->reply_to), c->reply_to, number, at);
}

/* RFC 2369, 8058; "unsubscribe" means no more reminders. */
static void unsubscribe(const struct compose_mail *mail, const char *answer_to, GString *out)
{
	g_autofree char *value =
	    g_strdup_printf("<mailto:%s?subject=unsubscribe%%20%s>, <%s/silence>", answer_to,
			    mail->number, mail->link);

	mime_header(out, "List-Unsubscribe", value);
	if (g_str_has_prefix(mail->link, "https://"))
		mime_header(out, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
}

static void headers(const struct composer *c, const struct compose_mail *mail,
		    const char *const *values, GDateTime *now, GString *out)
{
	g_autoptr(GDateTime) local = g_date_time_to_timezone(now, c->zone);
	g_autoptr(GString) subject = g_string_new(NULL);
	g_autofree char *answer_to = answer_address(c, mail->number);
	/* Most clients keep the first reference of what they answer. */
	g_autofree char *reference = g_strdup_printf("<%s@%s>", mail->number, c->domain);

	letter_view_subject(c->view, values, subject);
	mime_date(out, local);
	mime_address(out, "From", c->office, c->from);
	mime_address(out, "To", mail->enterprise, mail->recipient);
	if (strcmp(answer_to, c->from) != 0)
		mime_address(out, "Reply-To", NULL, answer_to);
	mime_header(out, "Subject", subject->str);
	mime_header(out, "Message-ID", mail->message_id);
	mime_header(out, "References", reference);
	/* RFC 3834, and what Exchange calls it. */
	mime_header(out, "Auto-Submitted", "auto-generated");
	mime_header(out, "X-Auto-Response-Suppress", "OOF, AutoReply");
	mime_header(out, "X-Pingyi-Letter", mail->number);
	unsubscribe(mail, answer_to, out);
	mime_header(out, "Content-Language", c->english ? "en" : "zh-CN");
	mime_header(out, "MIME-Version", "1.0");
}

static void alternative(const struct composer *c, const char *const *values, const char *boundary,
			GString *out)
{
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	letter_view_fill(c->view, values, html, text);
	g_string_append_printf(out,
			       "Content-Type: multipart/alternative;\n boundary=\"%s\"\n\n--%s\n",
			       boundary, boundary);
	mime_text(out, "text/plain", text->str, text->len);
	g_string_append_printf(out, "--%s\n", boundary);
	mime_text(out, "text/html", html->str, html->len);
	g_string_append_printf(out, "--%s--\n", boundary);
}

GBytes *composer_message(const struct composer *c, const struct compose_mail *mail, GDateTime *now,
			 GError **error)
{
	const char *values[LETTER_FIELDS] = {NULL};
	GString *out = g_string_sized_new(65536);
	/* base64 never contains "=_", so a part cannot end its frame */
	g_autofree char *inner = g_strdup_printf("=_a_%s", mail->number);
	g_autofree char *outer = g_strdup_printf("=_m_%s", mail->number);
	g_autoptr(GBytes) form = NULL;

	fill_values(c, mail, values);
	headers(c, mail, values, now, out);
	if (!c->form) {
		alternative(c, values, inner, out);
		return g_string_free_to_bytes(out);
	}
	form = form_docx_stamp(c->form, mail->number, error);
	if (!form) {
		g_string_free(out, TRUE);
		return NULL;
	}
	g_string_append_printf(out, "Content-Type: multipart/mixed;\n boundary=\"%s\"\n\n--%s\n",
			       outer, outer);
	alternative(c, values, inner, out);
	g_string_append_printf(out, "--%s\n", outer);
	{
		g_autofree char *name = g_strdup_printf(
		    c->english ? "Consultation form %s.docx" : "征求意见表 %s.docx", mail->number);
		g_autofree char *ascii = g_strdup_printf("%s.docx", mail->number);

		mime_attachment(out, FORM_DOCX_TYPE, name, ascii, form);
	}
	g_string_append_printf(out, "--%s--\n", outer);
	return g_string_free_to_bytes(out);
}
