#include "collector/read.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/number.h"
#include "collector/attachment.h"
#include "collector/body.h"
#include "collector/bounce.h"
#include "collector/header.h"
#include "collector/html.h"
#include "collector/mime_bound.h"
#include "collector/words.h"
#include "templates/form.h"

#include <string.h>

static void body_free(struct reading_body *body)
{
	g_free(body->type);
	g_free(body->text);
	g_free(body);
}

static void number_clear(struct reading_number *number)
{
	g_free(number->number);
}

static struct reading *reading_new(const struct read_options *options)
{
	struct reading *reading = g_new0(struct reading, 1);

	reading->file = g_strdup(options ? options->file : NULL);
	reading->bodies = g_ptr_array_new_with_free_func((GDestroyNotify)body_free);
	reading->attachments =
	    g_ptr_array_new_with_free_func((GDestroyNotify)reading_attachment_free);
	reading->bounces = g_ptr_array_new_with_free_func((GDestroyNotify)bounce_free);
	reading->problems = g_ptr_array_new_with_free_func(g_free);
	reading->numbers = g_array_new(FALSE, TRUE, sizeof(struct reading_number));
	g_array_set_clear_func(reading->numbers, (GDestroyNotify)number_clear);
	return reading;
}

void reading_free(struct reading *reading)
{
	if (!reading)
		return;
	g_free(reading->file);
	g_clear_pointer(&reading->from, g_ptr_array_unref);
	g_clear_pointer(&reading->to, g_ptr_array_unref);
	g_clear_pointer(&reading->cc, g_ptr_array_unref);
	g_clear_pointer(&reading->reply_to, g_ptr_array_unref);
	g_clear_pointer(&reading->date, g_date_time_unref);
	g_free(reading->subject);
	g_free(reading->message_id);
	g_clear_pointer(&reading->in_reply_to, g_ptr_array_unref);
	g_clear_pointer(&reading->references, g_ptr_array_unref);
	g_ptr_array_unref(reading->bodies);
	g_free(reading->text);
	own_clear(&reading->own);
	g_ptr_array_unref(reading->attachments);
	g_ptr_array_unref(reading->bounces);
	g_free(reading->original_message_id);
	g_free(reading->original_subject);
	g_array_unref(reading->numbers);
	form_answers_free(reading->form);
	g_ptr_array_unref(reading->problems);
	g_free(reading);
}

/* --- headers -------------------------------------------------------------------------------- */

/* Addresses of every header of that name. */
static GPtrArray *addresses(const struct mime_message *message, const char *name)
{
	GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);

	for (guint i = 0; i < message->headers->len; i++) {
		const struct mime_header *header =
		    &g_array_index(message->headers, struct mime_header, i);
		g_autoptr(GPtrArray) some = NULL;

		if (g_ascii_strcasecmp(header->name, name) != 0)
			continue;
		some = header_addresses(header->value, header->length, mime_label(message));
		g_ptr_array_extend_and_steal(all, g_steal_pointer(&some));
		if (all->len > HEADER_ADDRESSES_MAX) {
			g_ptr_array_set_size(all, HEADER_ADDRESSES_MAX);
			break;
		}
	}
	return all;
}

static GPtrArray *ids(const struct mime_message *message, const char *name)
{
	const struct mime_header *header = mime_header_get(message, name);

	return header ? header_ids(header->value, header->length)
		      : g_ptr_array_new_with_free_func(g_free);
}

static char *first_id(const struct mime_message *message, const char *name)
{
	g_autoptr(GPtrArray) found = ids(message, name);

	return found->len > 0 ? g_strdup(g_ptr_array_index(found, 0)) : NULL;
}

static void read_headers(struct reading *reading, const struct mime_message *message)
{
	const struct mime_header *date = mime_header_get(message, "Date");

	reading->from = addresses(message, "From");
	reading->to = addresses(message, "To");
	reading->cc = addresses(message, "Cc");
	reading->reply_to = addresses(message, "Reply-To");
	reading->date = date ? header_date(date->value) : NULL;
	reading->subject = mime_header_text(message, "Subject");
	reading->message_id = first_id(message, "Message-ID");
	reading->in_reply_to = ids(message, "In-Reply-To");
	reading->references = ids(message, "References");
	if (date && !reading->date)
		g_ptr_array_add(reading->problems, g_strdup("no-date"));
}

static gboolean is_reply(const struct reading *reading)
{
	static const char *const marks[] = {"re:", "re：", "回复",  "答复", "回復", "答覆",
					    "aw:", "sv:",  "antw:", "res:", "odp:", "ответ:",
					    "fw:", "fwd:", "转发",  "轉寄", "回信"};
	g_autofree char *low = NULL;

	if (reading->in_reply_to->len > 0 || reading->references->len > 0)
		return TRUE;
	low = reading->subject ? words_fold(reading->subject, -1) : NULL;
	for (gsize i = 0; low && i < G_N_ELEMENTS(marks); i++)
		if (g_str_has_prefix(low, marks[i]))
			return i < 12 || i == 16;
	return FALSE;
}

/* --- numbers -------------------------------------------------------------------------------- */

static void add_number(struct reading *reading, const char *number, const char *where)
{
	struct reading_number added;

	for (guint i = 0; i < reading->numbers->len; i++) {
		const struct reading_number *known =
		    &g_array_index(reading->numbers, struct reading_number, i);

		if (strcmp(known->number, number) == 0 && known->where == where)
			return;
	}
	if (reading->numbers->len >= READING_NUMBERS_MAX)
		return;
	added.number = g_strdup(number);
	added.where = where;
	g_array_append_val(reading->numbers, added);
}

static void numbers_in(struct reading *reading, const char *text, const char *where)
{
	g_autoptr(GPtrArray) found = NULL;

	if (!text || !*text || reading->numbers->len >= READING_NUMBERS_MAX)
		return;
	found = number_find_all(text, strlen(text));
	for (guint i = 0; i < found->len; i++)
		add_number(reading, g_ptr_array_index(found, i), where);
}

/* Where no number was found, one that was mistyped in what people write themselves. */
static void remark_wrong_number(struct reading *reading)
{
	const char *const places[] = {reading->subject, reading->own.own};

	for (guint i = 0; i < G_N_ELEMENTS(places) && reading->numbers->len == 0; i++) {
		g_autofree char *wrong =
		    places[i] ? number_find_wrong(places[i], strlen(places[i])) : NULL;

		if (wrong) {
			g_ptr_array_add(reading->problems,
					g_strconcat(READING_WRONG_NUMBER, wrong, NULL));
			return;
		}
	}
}

static void numbers_in_addresses(struct reading *reading, const GPtrArray *list, const char *where)
{
	for (guint i = 0; i < list->len; i++) {
		const struct address *address = g_ptr_array_index(list, i);

		numbers_in(reading, address->address, where);
	}
}

static void numbers_in_headers(struct reading *reading, const struct mime_message *message)
{
	static const char *const recipients[] = {"Delivered-To", "X-Original-To", "Envelope-To",
						 "X-Forwarded-To", "Resent-To"};

	numbers_in_addresses(reading, reading->to, "recipient");
	numbers_in_addresses(reading, reading->cc, "recipient");
	for (gsize i = 0; i < G_N_ELEMENTS(recipients); i++) {
		const struct mime_header *header = mime_header_get(message, recipients[i]);

		numbers_in(reading, header ? header->value : NULL, "recipient");
	}
	for (guint i = 0; i < reading->in_reply_to->len; i++)
		numbers_in(reading, g_ptr_array_index(reading->in_reply_to, i), "references");
	for (guint i = 0; i < reading->references->len; i++)
		numbers_in(reading, g_ptr_array_index(reading->references, i), "references");
	numbers_in(reading, reading->subject, "subject");
}

/* --- body ----------------------------------------------------------------------------------- */

/* Lines divided by \n alone. */
static char *plain_lines(const char *text)
{
	char *copy = g_strdup(text), *to = copy;

	for (const char *from = copy; *from; from++) {
		if (*from == '\r' && from[1] == '\n')
			continue;
		*to++ = *from == '\r' ? '\n' : *from;
	}
	*to = '\0';
	return copy;
}

static void read_bodies(struct reading *reading, const struct message_bodies *bodies)
{
	for (guint i = 0; i < bodies->bodies->len; i++) {
		const struct body *from = g_ptr_array_index(bodies->bodies, i);
		struct reading_body *body = g_new0(struct reading_body, 1);

		body->type = g_strdup(from->part->type);
		body->text = g_strdup(from->text);
		body->cut = from->cut;
		g_ptr_array_add(reading->bodies, body);
	}
}

static void numbers_in_attachments(struct reading *reading, const GPtrArray *attachments)
{
	for (guint i = 0; i < attachments->len; i++) {
		const struct reading_attachment *attachment = g_ptr_array_index(attachments, i);

		numbers_in(reading, attachment->name, "attachment-name");
		numbers_in(reading, attachment->text, "attachment");
		numbers_in_attachments(reading, attachment->inside);
	}
}

static void read_attachments(struct reading *reading, const struct message_bodies *bodies,
			     const struct read_options *options)
{
	struct attachment_run run;

	attachment_begin(&run, &reading->form, reading->problems);
	run.wanted = options ? options->wanted : NULL;
	for (guint i = 0; i < bodies->attachments->len; i++) {
		const struct mime_part *part = g_ptr_array_index(bodies->attachments, i);

		g_ptr_array_add(reading->attachments, attachment_read(&run, part));
	}
	numbers_in_attachments(reading, reading->attachments);
	numbers_in(reading, reading->form ? reading->form->number : NULL, "form");
	if (options && options->wanted)
		*options->found_out = run.found;
}

/* What the private link's page took may come without headers: then the text is no words. */
static void read_bare_form(struct reading *reading, GBytes *content)
{
	attachment_form(NULL, NULL, content, &reading->form, reading->problems);
	if (!reading->form)
		return;
	g_free(reading->own.own);
	reading->own.own = g_strdup("");
	reading->own.doubtful = FALSE;
}

/* Own words that hold our form: the form, and the words without it. */
static struct form_answers *form_in_own(const struct own *own, char **rest_out)
{
	struct form_answers *form = form_text_read(NULL, own->own, rest_out);

	/* a part of it went where it does not belong */
	if (form && (form_text_rows(own->quoted) > 0 || form_text_rows(own->signature) > 0))
		form->doubt |= FORM_MARKS | FORM_WORDS;
	return form;
}

/* The same of an HTML body, a row a line: what is shown of it, or its plain alternative, may have
 * broken the rows. NULL when there is no form in it. */
static struct form_answers *form_in_html(const struct reading *reading, gboolean reply,
					 char **rest_out)
{
	struct form_answers *form = NULL;

	for (guint i = 0; !form && i < reading->bodies->len; i++) {
		const struct reading_body *body = g_ptr_array_index(reading->bodies, i);
		g_autofree char *rows = NULL;
		struct own own = {0};
		guint lost;

		if (strcmp(body->type, "text/html") != 0 || !strstr(body->text, ">q-"))
			continue;
		rows = html_to_rows(body->text, strlen(body->text), &lost);
		own_split(rows, reply, &own);
		form = form_in_own(&own, rest_out);
		if (form && (lost || body->cut))
			form->doubt |= FORM_MARKS | FORM_WORDS;
		own_clear(&own);
	}
	return form;
}

/* Our form in what was written into the message itself: what stands outside of its rows stays own
 * words. */
static void read_body_form(struct reading *reading, const struct message_bodies *bodies,
			   gboolean reply)
{
	char *rest = NULL, *html_rest = NULL;
	struct form_answers *form, *html = NULL;

	if (!*reading->own.own)
		return;
	form = form_in_own(&reading->own, &rest);
	if (form && bodies->lost & HTML_LOST_GRID)
		form->doubt |= FORM_MARKS;
	/* one of several parts does not hold the words of the others */
	if ((!form || form->doubt) && bodies->shown == 1)
		html = form_in_html(reading, reply, &html_rest);
	if (html && (!form || !html->doubt)) {
		form_answers_free(form);
		g_free(rest);
		form = html;
		rest = html_rest;
	} else {
		form_answers_free(html);
		g_free(html_rest);
	}
	if (!form)
		return;
	/* rows that are broken may have left pieces of themselves outside */
	form->doubt |= form->doubt ? FORM_WORDS : 0;
	g_free(reading->own.own);
	reading->own.own = rest;
	numbers_in(reading, form->number, "form");
	attachment_add_form(&reading->form, form, reading->problems);
}

/* The letter that came back: its id, its subject, its numbers. */
static void read_original(struct reading *reading, const struct mime_message *message)
{
	g_autoptr(GBytes) raw = bounce_original(message, reading->text);
	const struct mime_header *coremail = mime_header_get(message, "X-CM-Original-Message-ID");
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *original;
	struct message_bodies bodies;

	if (coremail)
		reading->original_message_id = first_id(message, "X-CM-Original-Message-ID");
	reading->has_original = coremail != NULL;
	if (!raw || g_bytes_get_size(raw) == 0)
		return;
	original = mime_parse(raw, problems);
	reading->has_original |= original->headers->len > 0;
	if (!reading->original_message_id)
		reading->original_message_id = first_id(original, "Message-ID");
	reading->original_subject = mime_header_text(original, "Subject");
	numbers_in(reading, reading->original_message_id, "original");
	numbers_in(reading, reading->original_subject, "original");
	for (guint i = 0; i < original->headers->len; i++)
		numbers_in(reading, g_array_index(original->headers, struct mime_header, i).value,
			   "original");
	message_bodies_read(original, &bodies);
	numbers_in(reading, bodies.marked, "original");
	message_bodies_clear(&bodies);
	mime_message_free(original);
}

static gboolean is_report(enum kind kind)
{
	return kind == KIND_BOUNCE || kind == KIND_DELAY || kind == KIND_DELIVERED;
}

static void read_kind(struct reading *reading, const struct mime_message *message)
{
	reading->kind = kind_tell(message, reading->subject, reading->text, reading->own.own,
				  &reading->guessed);
	if (is_report(reading->kind)) {
		g_ptr_array_unref(reading->bounces);
		reading->bounces = bounce_read(message, reading->text);
	}
	if (is_report(reading->kind) || reading->kind == KIND_COMPLAINT)
		read_original(reading, message);
	if (!reading->guessed && (is_report(reading->kind) || reading->kind == KIND_COMPLAINT ||
				  reading->kind == KIND_RECEIPT || reading->kind == KIND_OTHER)) {
		/* Nobody's own words; where only words tell the kind, a person looks at them. */
		g_autofree char *rest = g_steal_pointer(&reading->own.own);

		if (!*reading->own.quoted) {
			g_free(reading->own.quoted);
			reading->own.quoted = g_steal_pointer(&rest);
		}
		reading->own.own = g_strdup("");
		reading->own.doubtful = FALSE;
	}
}

static void read_text(struct reading *reading, const struct message_bodies *bodies, gboolean reply)
{
	g_autofree char *marked = plain_lines(bodies->marked);

	reading->text = html_unmark(marked);
	own_split(marked, reply, &reading->own);
	if (bodies->lost & HTML_LOST_TEXT)
		mime_remark(reading->problems, "text-cut");
	if (bodies->lost & HTML_LOST_FORM)
		mime_remark(reading->problems, "html-too-deep");
	if (bodies->lost & (HTML_LOST_TEXT | HTML_LOST_FORM)) {
		reading->own.doubtful = TRUE;
		reading->own.lead = LEAD_NONE;
	}
}

static struct mime_message *bare_message(GBytes *raw)
{
	g_autofree char *head = g_strdup("Content-Type: text/plain\n\n");
	GByteArray *bytes = g_byte_array_new();
	g_autoptr(GBytes) whole = NULL;
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	gsize size;
	const guint8 *data = g_bytes_get_data(raw, &size);

	g_byte_array_append(bytes, (const guint8 *)head, (guint)strlen(head));
	g_byte_array_append(bytes, data, (guint)size);
	whole = g_byte_array_free_to_bytes(bytes);
	return mime_parse(whole, problems);
}

struct reading *read_message(GBytes *raw, const struct read_options *options, GError **error)
{
	gboolean bare = options && options->bare;
	struct reading *reading;
	struct mime_message *message;
	struct message_bodies bodies;

	if (g_bytes_get_size(raw) > MIME_MESSAGE_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the message has %lu bytes, more than %u"),
			    (gulong)g_bytes_get_size(raw), MIME_MESSAGE_MAX);
		return NULL;
	}
	reading = reading_new(options);
	message = bare ? bare_message(raw) : mime_parse(raw, reading->problems);
	read_headers(reading, message);
	message_bodies_read(message, &bodies);
	read_bodies(reading, &bodies);
	read_text(reading, &bodies, is_reply(reading));
	numbers_in_headers(reading, message);
	if (message->headers->len == 0 && message->root->content)
		read_bare_form(reading, message->root->content);
	read_attachments(reading, &bodies, options);
	/* A greeting leads to our form as well; what points into the letter does not. */
	if (reading->form && !form_answers_empty(reading->form) &&
	    reading->own.lead == LEAD_COURTESY)
		reading->own.doubtful = FALSE;
	if (bare)
		reading->kind = KIND_REPLY;
	else
		read_kind(reading, message);
	read_body_form(reading, &bodies, is_reply(reading));
	numbers_in(reading, reading->own.own, "own");
	numbers_in(reading, reading->own.quoted, "quoted");
	numbers_in(reading, reading->own.signature, "quoted");
	numbers_in(reading, bodies.html, "html");
	remark_wrong_number(reading);
	message_bodies_clear(&bodies);
	mime_message_free(message);
	return reading;
}
