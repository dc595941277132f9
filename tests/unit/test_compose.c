#include "mailer/compose.h"

#include "base/asset.h"
#include "base/error.h"
#include "collector/mime.h"
#include "collector/read.h"
#include "mailer/maildir.h"
#include "mailer/smtp_text.h"
#include "templates/form.h"
#include "templates/view.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

#define LINK "https://py.example.org/l/abcdefghijklmnopqrstuvwxyz"

static char *folder;
static struct office *office;
static GDateTime *now;
static GBytes *form;

static void set(const char *group, const char *name, const char *value)
{
	g_autofree char *path = g_build_filename(folder, "pingyi.conf", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();

	ck_assert(g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, NULL));
	g_key_file_set_string(file, group, name, value);
	ck_assert(g_key_file_save_to_file(file, path, NULL));
	g_clear_pointer(&office, office_free);
	office = office_open(folder, NULL);
	ck_assert_ptr_nonnull(office);
}

static GBytes *make_form(void)
{
	static const struct form_department departments[] = {{"d01", "税务局"}, {"d02", "城管局"}};
	const struct asset *asset = asset_find("templates/zh/questionnaire.xml");
	g_autoptr(form_handle) questions =
	    form_parse(asset->text, asset->size, "questionnaire.xml", NULL);

	return form_docx(questions, departments, 2, "某区营商环境办公室", "第一轮", "zh");
}

static void setup(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *top = g_dir_make_tmp("compose-XXXXXX", NULL);

	folder = g_build_filename(top, "office", NULL);
	ck_assert_msg(office_make(folder, "某区营商环境办公室", NULL, "test", &error), "%s",
		      error ? error->message : "");
	set("office", "phone", "0546-0000000");
	set("office", "address", "某某路 1 号");
	set("mail", "from", "pingyi@office.example");
	now = g_date_time_new_utc(2026, 3, 2, 1, 5, 7);
	form = make_form();
}

static void remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *below = g_build_filename(path, name, NULL);

		remove_tree(below);
	}
	g_remove(path);
}

static void teardown(void)
{
	g_autofree char *top = g_path_get_dirname(folder);

	g_clear_pointer(&office, office_free);
	remove_tree(top);
	g_clear_pointer(&folder, g_free);
	g_clear_pointer(&now, g_date_time_unref);
	g_clear_pointer(&form, g_bytes_unref);
}

static struct round round_in(const char *language)
{
	g_autofree char *path = g_strdup_printf("templates/%s/letter.xhtml", language);
	gboolean english = strcmp(language, "en") == 0;
	struct round round = {.title = english ? g_strdup("Round 1 of 2026")
					       : g_strdup("2026年第一轮征求意见"),
			      .opens = g_strdup("2026-03-02"),
			      .closes = g_strdup("2026-03-31"),
			      .keep_until = g_strdup("2028-03-31"),
			      .language = g_strdup(language),
			      .template_text = g_strdup(asset_find(path)->text),
			      .form = g_bytes_ref(form)};

	return round;
}

static void round_clear(struct round *round)
{
	g_free(round->title);
	g_free(round->opens);
	g_free(round->closes);
	g_free(round->keep_until);
	g_free(round->language);
	g_free(round->template_text);
	g_clear_pointer(&round->form, g_bytes_unref);
}

static struct compose_mail mail_of(enum compose_kind kind, const char *language)
{
	gboolean english = strcmp(language, "en") == 0;
	struct compose_mail mail = {
	    .message_id = "<PY-22222222.0123456789abcdef@office.example>",
	    .recipient = "office@firm.example",
	    .date = "2026-03-02",
	    .link = LINK,
	    .number = "PY-22222222",
	    .enterprise = english ? "Some Precision Machines Ltd" : "某市某某 <精密> 机械有限公司",
	    .opinion = english ? "The refund takes too long.\nThree months already."
			       : "退税太慢。\n已经三个月了。",
	    .answer = english ? "Paid on 20 March." : "已于 3 月 20 日退还，并向企业说明了原因。",
	    .turn = 1,
	    .turns = 2,
	    .first_date = "2026-03-02",
	};

	if (kind == COMPOSE_REMINDER) {
		mail.date = "2026-03-20";
		mail.first_message_id = "<PY-22222222.first@office.example>";
	}
	if (kind != COMPOSE_DIGEST && kind != COMPOSE_NOTICE)
		return mail;
	mail.link = "https://py.example.org/";
	mail.name = english ? "the Tax Bureau" : "税务局";
	if (kind == COMPOSE_NOTICE)
		mail.name = english ? "Mr Wang" : "王某某同志";
	mail.to_sign = 3;
	mail.working = 5;
	mail.due_today = 1;
	mail.due_soon = 2;
	mail.overdue = kind == COMPOSE_NOTICE ? 2 : 1;
	return mail;
}

static char *items_of(enum compose_kind kind, const char *language)
{
	static const struct {
		gint64 id;
		const char *department[2];
		const char *due;
		gint64 left;
	} list[] = {{12, {"税务局", "the Tax Bureau"}, "2026-02-26", -2},
		    {17, {"城市管理局", "the City Bureau"}, "2026-03-02", 0},
		    {18, {"税务局", "the Tax Bureau"}, "2026-03-04", 2},
		    {25, {"住房和城乡建设局", "the Housing Bureau"}, "2026-03-05", 3}};
	gboolean english = strcmp(language, "en") == 0;
	GString *items = g_string_new(NULL);

	for (guint i = 0; i < G_N_ELEMENTS(list); i++)
		compose_item(items, list[i].id,
			     kind == COMPOSE_NOTICE ? list[i].department[english] : NULL,
			     list[i].due, list[i].left, english);
	return g_string_free(items, FALSE);
}

/* --- what holds of every message --- */

/* No line is longer than 78 but one that is a single word, as a type or an address can be. */
static void check_line(const char *line)
{
	const char *word = strstr(line, ": ");

	ck_assert_uint_le(strlen(line), 998);
	ck_assert_int_ne(line[0], '.');
	if (strlen(line) > 78)
		ck_assert_msg(word && !strchr(word + 2, ' '), "%s", line);
}

/* For the wire as it is, and nothing but that. */
static void check_wire(const char *text, gsize size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(text, size);
	g_autoptr(GByteArray) stuffed = NULL;
	g_auto(GStrv) lines = g_strsplit(text, "\r\n", -1);
	gboolean eight_bit;

	ck_assert_uint_eq(strlen(text), size);
	for (gsize i = 0; i < size; i++) {
		ck_assert((text[i] == '\n') == (i > 0 && text[i - 1] == '\r'));
		ck_assert((guchar)text[i] < 0x7f);
		ck_assert((guchar)text[i] >= ' ' || text[i] == '\r' || text[i] == '\n');
	}
	for (guint i = 0; lines[i]; i++)
		check_line(lines[i]);
	ck_assert_str_eq(text + size - 2, "\r\n");
	stuffed = smtp_text_stuff(bytes, &eight_bit);
	ck_assert(!eight_bit);
	ck_assert_uint_eq(stuffed->len, size);
	ck_assert_int_eq(memcmp(stuffed->data, text, size), 0);
}

static char *header(const struct mime_message *message, const char *name)
{
	char *value = mime_header_text(message, name);

	return value ? g_strstrip(value) : NULL;
}

static void header_is(const struct mime_message *message, const char *name, const char *expected)
{
	g_autofree char *value = header(message, name);

	if (expected)
		ck_assert_str_eq(value, expected);
	else
		ck_assert_ptr_null(value);
}

static struct mime_message *parse(const GString *out)
{
	g_autoptr(GBytes) raw = g_bytes_new(out->str, out->len);
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *message = mime_parse(raw, problems);

	ck_assert_uint_eq(problems->len, 0);
	return message;
}

static const struct mime_part *child(const struct mime_part *part, guint i)
{
	ck_assert_ptr_nonnull(part->children);
	ck_assert_uint_lt(i, part->children->len);
	return g_ptr_array_index(part->children, i);
}

static struct composer *composer(enum compose_kind kind, const char *language,
				 const struct compose_attachment *files, guint count)
{
	struct round round = round_in(language);
	g_autoptr(GError) error = NULL;
	struct composer *c = composer_new(office, &round, kind, files, count, &error);

	ck_assert_msg(c != NULL, "%s", error ? error->message : "");
	round_clear(&round);
	return c;
}

static GString *compose(const struct composer *c, const struct compose_mail *mail)
{
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);

	ck_assert_msg(composer_append(c, mail, now, scratch, out, &error), "%s",
		      error ? error->message : "");
	return out;
}

/* Kept for people and other programs to look at: LETTERS=FOLDER. */
static void keep(const char *language, const char *kind, const GString *out)
{
	const char *where = g_getenv("LETTERS");
	g_autofree char *path =
	    where ? g_strdup_printf("%s/%s-%s.eml", where, kind, language) : NULL;

	if (path)
		ck_assert(g_file_set_contents(path, out->str, (gssize)out->len, NULL));
}

static const char *const kinds[] = {"letter", "reminder", "reply", "digest", "notice"};
static const char *const languages[] = {"zh", "en"};

START_TEST(every_kind_is_ready_for_the_wire)
{
	enum compose_kind kind = (enum compose_kind)(_i / 2);
	const char *language = languages[_i % 2];
	g_autofree char *items = items_of(kind, language);
	g_autoptr(composer_handle) c = NULL;
	struct compose_mail mail = mail_of(kind, language);
	g_autoptr(GString) out = NULL;
	g_autoptr(GBytes) raw = NULL;
	struct mime_message *message;
	struct reading *reading;

	if (_i % 2) {
		set("office", "name", "The Business Environment Office");
		set("office", "address", "1 Some Road");
		set("office", "signed_by", "Mr Li");
		set("office", "language", "en");
	}
	c = composer(kind, language, NULL, 0);
	mail.items = items;
	out = compose(c, &mail);
	keep(language, kinds[kind], out);
	check_wire(out->str, out->len);
	message = parse(out);
	header_is(message, "Message-ID", mail.message_id);
	header_is(message, "Date", "Mon, 2 Mar 2026 09:05:07 +0800");
	header_is(message, "Auto-Submitted", "auto-generated");
	header_is(message, "Content-Language", _i % 2 ? "en" : "zh-CN");
	mime_message_free(message);
	raw = g_bytes_new(out->str, out->len);
	reading = read_message(raw, NULL, NULL);
	ck_assert_ptr_null(strstr(reading->text, "{"));
	ck_assert_ptr_nonnull(strstr(reading->text, mail.link));
	reading_free(reading);
}
END_TEST

/* An office without a phone and address says nothing in their place. */
START_TEST(nothing_stands_for_what_is_missing)
{
	enum compose_kind kind = (enum compose_kind)(_i / 2);
	const char *language = languages[_i % 2];
	const char *const words[] = {"拨打", "电话", "地址：", "Phone", "Address:", "call"};
	struct compose_mail mail = mail_of(kind, language);
	g_autoptr(composer_handle) c = NULL;
	g_autoptr(GString) out = NULL;
	g_autoptr(GBytes) raw = NULL;
	struct reading *reading;

	set("office", "phone", "");
	set("office", "address", "");
	set("office", "language", language);
	mail.items = NULL;
	c = composer(kind, language, NULL, 0);
	out = compose(c, &mail);
	raw = g_bytes_new(out->str, out->len);
	reading = read_message(raw, NULL, NULL);
	for (guint i = 0; i < G_N_ELEMENTS(words); i++)
		ck_assert_msg(!strstr(reading->text, words[i]), "%s: %s", words[i], reading->text);
	reading_free(reading);
}
END_TEST

/* The parts decoded are what the view writes without any of the composer's preparation. */
START_TEST(parts_are_the_slow_ones)
{
	g_autoptr(composer_handle) c = composer(COMPOSE_LETTER, "zh", NULL, 0);
	struct compose_mail mail = mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(GString) out = compose(c, &mail);
	struct mime_message *message = parse(out);
	const struct asset *asset = asset_find("templates/zh/letter.xhtml");
	g_autoptr(letter_view_handle) view =
	    letter_view_new("zh", "letter.xhtml", asset->text, asset->size, NULL);
	const char *values[LETTER_FIELDS] = {[LETTER_ENTERPRISE] = mail.enterprise,
					     [LETTER_OFFICE] = "某区营商环境办公室",
					     [LETTER_PHONE] = "0546-0000000",
					     [LETTER_ADDRESS] = "某某路 1 号",
					     [LETTER_ROUND] = "2026年第一轮征求意见",
					     [LETTER_NUMBER] = mail.number,
					     [LETTER_LINK] = LINK,
					     [LETTER_OPENS] = "2026-03-02",
					     [LETTER_CLOSES] = "2026-03-31",
					     [LETTER_KEEP_UNTIL] = "2028-03-31",
					     [LETTER_DATE] = "2026-03-02",
					     [LETTER_FORM] = "docx"};
	g_autoptr(GString) html = g_string_new(NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GString) subject = g_string_new(NULL);
	g_autofree char *found_text = NULL;
	g_autofree char *found_html = NULL;
	const struct mime_part *body = child(message->root, 0);

	letter_view_fill(view, values, html, text);
	letter_view_subject(view, values, subject);
	ck_assert_str_eq(message->root->type, "multipart/mixed");
	ck_assert_str_eq(body->type, "multipart/alternative");
	ck_assert_str_eq(child(body, 0)->type, "text/plain");
	ck_assert_str_eq(child(body, 1)->type, "text/html");
	ck_assert_str_eq(child(body, 0)->charset, "utf-8");
	found_text = mime_part_text(child(body, 0));
	found_html = mime_part_text(child(body, 1));
	ck_assert_str_eq(found_text, text->str);
	ck_assert_str_eq(found_html, html->str);
	header_is(message, "Subject", subject->str);
	mime_message_free(message);
}
END_TEST

START_TEST(a_scratch_serves_many)
{
	g_autoptr(composer_handle) letter = composer(COMPOSE_LETTER, "zh", NULL, 0);
	g_autoptr(composer_handle) digest = composer(COMPOSE_DIGEST, "en", NULL, 0);
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GString) all = g_string_new("before");
	g_autoptr(GString) expected = g_string_new("before");
	GDateTime *first = now;

	for (guint i = 0; i < 4; i++) {
		const struct composer *c = i % 2 ? digest : letter;
		struct compose_mail mail =
		    mail_of(i % 2 ? COMPOSE_DIGEST : COMPOSE_LETTER, i % 2 ? "en" : "zh");
		g_autoptr(GString) alone = NULL;

		now = g_date_time_add_seconds(first, i < 2 ? 0 : 1);
		alone = compose(c, &mail);
		g_string_append(expected, alone->str);
		ck_assert(composer_append(c, &mail, now, scratch, all, NULL));
		g_date_time_unref(now);
	}
	now = first;
	ck_assert_str_eq(all->str, expected->str);
}
END_TEST

/* --- threads and headers --- */

START_TEST(a_reminder_joins_its_letter)
{
	g_autoptr(composer_handle) c = composer(COMPOSE_REMINDER, "zh", NULL, 0);
	struct compose_mail mail = mail_of(COMPOSE_REMINDER, "zh");
	g_autoptr(GString) out = compose(c, &mail);
	struct mime_message *message = parse(out);

	header_is(message, "In-Reply-To", "<PY-22222222.first@office.example>");
	header_is(message, "References",
		  "<PY-22222222@office.example> <PY-22222222.first@office.example>");
	header_is(message, "X-Pingyi-Letter", "PY-22222222");
	header_is(message, "List-Unsubscribe-Post", "List-Unsubscribe=One-Click");
	ck_assert_uint_eq(message->root->children->len, 2); /* the form */
	mime_message_free(message);
}
END_TEST

START_TEST(a_digest_names_no_letter)
{
	g_autoptr(composer_handle) c = composer(COMPOSE_DIGEST, "zh", NULL, 0);
	struct compose_mail mail = mail_of(COMPOSE_DIGEST, "zh");
	g_autoptr(GString) out = NULL;
	struct mime_message *message;

	mail.opinion = "退税太慢";
	out = compose(c, &mail);
	message = parse(out);
	header_is(message, "References", NULL);
	header_is(message, "List-Unsubscribe", NULL);
	header_is(message, "X-Pingyi-Letter", NULL);
	header_is(message, "To", "税务局 <office@firm.example>");
	header_is(message, "Subject", "转办事项：待签收 3 件，今日到期 1 件，超期 1 件");
	ck_assert_ptr_null(strstr(out->str, "PY-22222222@"));
	mime_message_free(message);
}
END_TEST

START_TEST(a_digest_needs_no_round)
{
	struct compose_mail mail = mail_of(COMPOSE_NOTICE, "zh");
	g_autoptr(composer_handle) c = composer_new(office, NULL, COMPOSE_NOTICE, NULL, 0, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) out = NULL;
	struct mime_message *message;

	ck_assert_ptr_nonnull(c);
	out = compose(c, &mail);
	message = parse(out);
	header_is(message, "Content-Language", "zh-CN");
	header_is(message, "Subject", "督办提示：超期 2 件，今日到期 1 件");
	mime_message_free(message);
	ck_assert_ptr_null(composer_new(office, NULL, COMPOSE_REPLY, NULL, 0, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_BUG));
}
END_TEST

START_TEST(answers_find_their_letter)
{
	struct compose_mail mail = mail_of(COMPOSE_LETTER, "zh");
	struct mime_message *message;
	struct composer *c;
	GString *out;

	set("mail", "verp", "plus");
	set("mail", "reply_to", "answers@office.example");
	c = composer(COMPOSE_LETTER, "zh", NULL, 0);
	out = compose(c, &mail);
	message = parse(out);
	header_is(message, "Reply-To", "<answers+PY-22222222@office.example>");
	header_is(message, "List-Unsubscribe",
		  "<mailto:answers+PY-22222222@office.example?subject=unsubscribe%20PY-22222222>, "
		  "<" LINK "/silence>");
	mime_message_free(message);
	g_string_free(out, TRUE);
	composer_free(c);
	c = composer(COMPOSE_DIGEST, "zh", NULL, 0);
	mail = mail_of(COMPOSE_DIGEST, "zh");
	out = compose(c, &mail);
	message = parse(out);
	header_is(message, "Reply-To", "<answers@office.example>");
	mime_message_free(message);
	g_string_free(out, TRUE);
	composer_free(c);
}
END_TEST

/* Whatever a value holds, there is no header more, and no part. */
START_TEST(no_value_breaks_out)
{
	static const char *const nasty[] = {"a\r\nBcc: x@y.example", "a\n\n--=_pingyi_mixed--\n",
					    "评\r\n\r\n<script>",    "\xe2\x80\xa8X: y",
					    "\xed\xa0\x80",          "\x01\x02\xff",
					    "\r\n.\r\nMAIL FROM:<>"};
	g_autoptr(composer_handle) c = composer(COMPOSE_REMINDER, "zh", NULL, 0);
	struct compose_mail mail = mail_of(COMPOSE_REMINDER, "zh");
	g_autoptr(GString) good = compose(c, &mail);
	struct mime_message *plain = parse(good);

	for (guint i = 0; i < G_N_ELEMENTS(nasty); i++) {
		g_autoptr(GString) out = NULL;
		struct mime_message *message;

		mail.enterprise = mail.contact = mail.recipient = mail.message_id = nasty[i];
		mail.first_message_id = mail.link = mail.first_date = nasty[i];
		out = compose(c, &mail);
		if (g_str_is_ascii(nasty[i])) /* else the address is not, and stays as it is */
			check_wire(out->str, out->len);
		message = parse(out);
		/* List-Unsubscribe-Post goes with an https link only */
		ck_assert_uint_eq(message->headers->len + 1, plain->headers->len);
		ck_assert_uint_eq(message->root->children->len, 2);
		mime_message_free(message);
	}
	mime_message_free(plain);
}
END_TEST

/* --- files --- */

START_TEST(files_of_round_and_enterprise)
{
	g_autoptr(GBytes) pdf = g_bytes_new_static("%PDF-1.7\0x", 10);
	g_autoptr(GBytes) empty = g_bytes_new_static("", 0);
	const struct compose_attachment rounds[] = {
	    {"关于征求意见的通知.pdf", "application/pdf", pdf}, {"空.txt", NULL, empty}};
	const struct compose_attachment own[] = {{"../贵单位\n清单.xlsx", "application/pdf", pdf}};
	g_autoptr(composer_handle) c = composer(COMPOSE_LETTER, "zh", rounds, 2);
	struct compose_mail mail = mail_of(COMPOSE_LETTER, "zh");
	static const char *const names[] = {"关于征求意见的通知.pdf", "空.txt",
					    "征求意见表 PY-22222222.docx", "_贵单位 清单.xlsx"};
	g_autoptr(GString) out = NULL;
	struct mime_message *message;

	mail.attachments = own;
	mail.attachment_count = 1;
	out = compose(c, &mail);
	keep("zh", "files", out);
	check_wire(out->str, out->len);
	message = parse(out);
	ck_assert_uint_eq(message->root->children->len, 5);
	for (guint i = 0; i < 4; i++) {
		ck_assert_str_eq(child(message->root, i + 1)->name, names[i]);
		ck_assert(child(message->root, i + 1)->attached);
	}
	ck_assert(g_bytes_equal(child(message->root, 1)->content, pdf));
	ck_assert(g_bytes_equal(child(message->root, 2)->content, empty));
	ck_assert(g_bytes_equal(child(message->root, 4)->content, pdf));
	ck_assert_str_eq(child(message->root, 2)->type, "application/octet-stream");
	mime_message_free(message);
}
END_TEST

START_TEST(a_round_may_have_no_form)
{
	struct round round = round_in("zh");
	struct compose_mail mail = mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(composer_handle) c = NULL;
	g_autoptr(GString) out = NULL;
	struct mime_message *message;
	g_autofree char *text = NULL;

	g_clear_pointer(&round.form, g_bytes_unref);
	c = composer_new(office, &round, COMPOSE_LETTER, NULL, 0, NULL);
	out = compose(c, &mail);
	message = parse(out);
	ck_assert_str_eq(message->root->type, "multipart/alternative");
	text = mime_part_text(child(message->root, 0));
	ck_assert_ptr_null(strstr(text, "附件"));
	mime_message_free(message);
	round_clear(&round);
}
END_TEST

#define PICTURE_LETTER                                                                             \
	"<html xmlns='http://www.w3.org/1999/xhtml' xmlns:p='urn:pingyi:view'>\n"                  \
	"<head><title p:text='number'>x</title></head><body>\n"                                    \
	"<p><img src='cid:seal.png' alt='印章'/></p></body></html>"

START_TEST(pictures_go_with_the_html)
{
	g_autoptr(GBytes) png = g_bytes_new_static("\x89PNG", 4);
	const struct compose_attachment files[] = {{"seal.png", "image/png", png},
						   {"seal.pdf", "application/pdf", png}};
	struct round round = round_in("zh");
	struct compose_mail mail = mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(composer_handle) c = NULL;
	g_autoptr(GString) out = NULL;
	struct mime_message *message;
	const struct mime_part *related;
	g_autofree char *html = NULL;

	g_free(round.template_text);
	round.template_text = g_strdup(PICTURE_LETTER);
	c = composer_new(office, &round, COMPOSE_LETTER, files, 2, NULL);
	out = compose(c, &mail);
	check_wire(out->str, out->len);
	message = parse(out);
	ck_assert_uint_eq(message->root->children->len, 3); /* letter, seal.pdf, form */
	related = child(child(message->root, 0), 1);
	ck_assert_str_eq(related->type, "multipart/related");
	html = mime_part_text(child(related, 0));
	ck_assert_str_eq(child(related, 1)->type, "image/png");
	ck_assert_str_eq(child(related, 1)->id, "seal.png" LETTER_PICTURE_AT);
	ck_assert(!child(related, 1)->attached);
	ck_assert_ptr_nonnull(strstr(html, "src=\"cid:seal.png" LETTER_PICTURE_AT "\""));
	mime_message_free(message);
	round_clear(&round);
}
END_TEST

static void refused(struct round *round, const struct compose_attachment *files, guint count,
		    const char *words)
{
	g_autoptr(GError) error = NULL;

	ck_assert_ptr_null(composer_new(office, round, COMPOSE_LETTER, files, count, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_msg(strstr(error->message, words) != NULL, "%s", error->message);
}

START_TEST(wrong_files_are_refused)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static("x", 1);
	const struct compose_attachment gone[] = {{"a.pdf", "application/pdf", NULL}};
	const struct compose_attachment type[] = {{"b.eml", "message/rfc822", bytes}};
	const struct compose_attachment other[] = {{"Seal.png", "image/png", bytes}};
	const struct compose_attachment text[] = {{"seal.png", "text/plain", bytes}};
	struct round round = round_in("zh");
	g_autoptr(composer_handle) c = composer(COMPOSE_LETTER, "zh", NULL, 0);
	struct compose_mail mail = mail_of(COMPOSE_LETTER, "zh");
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GString) out = g_string_new("before");
	g_autoptr(GError) error = NULL;

	refused(&round, gone, 1, "a.pdf");
	refused(&round, type, 1, "b.eml");
	g_free(round.template_text);
	round.template_text = g_strdup(PICTURE_LETTER);
	refused(&round, NULL, 0, "letter.xhtml:3: ");
	refused(&round, other, 1, "letter.xhtml:3: ");
	refused(&round, text, 1, "seal.png");
	round_clear(&round);
	mail.attachments = gone;
	mail.attachment_count = 1;
	ck_assert(!composer_append(c, &mail, now, scratch, out, &error));
	ck_assert(g_error_matches(error, PINGYI_ERROR, PINGYI_ERROR_INPUT));
	ck_assert_str_eq(out->str, "before");
}
END_TEST

START_TEST(settings_are_checked)
{
	struct round round = round_in("zh");

	set("mail", "from", "nobody");
	refused(&round, NULL, 0, "nobody");
	set("mail", "from", "a@b.example");
	set("office", "timezone", "Mars/Olympus");
	refused(&round, NULL, 0, "Mars/Olympus");
	round_clear(&round);
}
END_TEST

/* --- a Maildir has files of its machine --- */

START_TEST(a_maildir_has_local_line_ends)
{
	static const char wire[] = "A: b\r\n\r\none\rtwo\r\r\nthree\nend\r";
	g_autoptr(GBytes) message = g_bytes_new_static(wire, sizeof wire - 1);
	g_autofree char *path = g_build_filename(folder, "box", NULL);
	g_autofree char *file = g_build_filename(path, "new", "_a@b_.eml", NULL);
	g_autofree char *text = NULL;

	ck_assert(maildir_deliver(path, "<a@b>", message, NULL));
	ck_assert(g_file_get_contents(file, &text, NULL, NULL));
	ck_assert_str_eq(text, "A: b\n\none\rtwo\r\nthree\nend\r");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("compose");
	TCase *tc = tcase_create("compose");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_set_timeout(tc, 60);
	tcase_add_loop_test(tc, every_kind_is_ready_for_the_wire, 0,
			    (int)(G_N_ELEMENTS(kinds) * G_N_ELEMENTS(languages)));
	tcase_add_loop_test(tc, nothing_stands_for_what_is_missing, 0,
			    (int)(G_N_ELEMENTS(kinds) * G_N_ELEMENTS(languages)));
	tcase_add_test(tc, parts_are_the_slow_ones);
	tcase_add_test(tc, a_scratch_serves_many);
	tcase_add_test(tc, a_reminder_joins_its_letter);
	tcase_add_test(tc, a_digest_names_no_letter);
	tcase_add_test(tc, a_digest_needs_no_round);
	tcase_add_test(tc, answers_find_their_letter);
	tcase_add_test(tc, no_value_breaks_out);
	tcase_add_test(tc, files_of_round_and_enterprise);
	tcase_add_test(tc, a_round_may_have_no_form);
	tcase_add_test(tc, pictures_go_with_the_html);
	tcase_add_test(tc, wrong_files_are_refused);
	tcase_add_test(tc, settings_are_checked);
	tcase_add_test(tc, a_maildir_has_local_line_ends);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
