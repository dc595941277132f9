#include "tests/unit/compose_office.h"

#include "base/asset.h"
#include "mailer/smtp_text.h"
#include "templates/form.h"

#include <check.h>
#include <glib/gstdio.h>
#include <string.h>

char *compose_folder;
struct office *compose_office;
GDateTime *compose_now;
static GBytes *form;

void compose_set(const char *group, const char *name, const char *value)
{
	g_autofree char *path = g_build_filename(compose_folder, "pingyi.conf", NULL);
	g_autoptr(GKeyFile) file = g_key_file_new();

	ck_assert(g_key_file_load_from_file(file, path, G_KEY_FILE_KEEP_COMMENTS, NULL));
	g_key_file_set_string(file, group, name, value);
	ck_assert(g_key_file_save_to_file(file, path, NULL));
	g_clear_pointer(&compose_office, office_free);
	compose_office = office_open(compose_folder, NULL);
	ck_assert_ptr_nonnull(compose_office);
}

static GBytes *make_form(void)
{
	static const struct form_department departments[] = {{"d01", "税务局"}, {"d02", "城管局"}};
	const struct asset *asset = asset_find("templates/zh/questionnaire.xml");
	g_autoptr(form_handle) questions =
	    form_parse(asset->text, asset->size, "questionnaire.xml", NULL);

	return form_docx(questions, departments, 2, "某区营商环境办公室", "第一轮", "zh");
}

void compose_setup(void)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *top = g_dir_make_tmp("compose-XXXXXX", NULL);

	compose_folder = g_build_filename(top, "office", NULL);
	ck_assert_msg(office_make(compose_folder, "某区营商环境办公室", NULL, "test", &error), "%s",
		      error ? error->message : "");
	compose_set("office", "phone", "0546-0000000");
	compose_set("office", "address", "某某路 1 号");
	compose_set("mail", "from", "pingyi@office.example");
	compose_now = g_date_time_new_utc(2026, 3, 2, 1, 5, 7);
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

void compose_teardown(void)
{
	g_autofree char *top = g_path_get_dirname(compose_folder);

	g_clear_pointer(&compose_office, office_free);
	remove_tree(top);
	g_clear_pointer(&compose_folder, g_free);
	g_clear_pointer(&compose_now, g_date_time_unref);
	g_clear_pointer(&form, g_bytes_unref);
}

struct round compose_round(const char *language)
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

void compose_round_clear(struct round *round)
{
	g_free(round->title);
	g_free(round->opens);
	g_free(round->closes);
	g_free(round->keep_until);
	g_free(round->language);
	g_free(round->template_text);
	g_clear_pointer(&round->form, g_bytes_unref);
}

struct compose_mail compose_mail_of(enum compose_kind kind, const char *language)
{
	gboolean english = strcmp(language, "en") == 0;
	struct compose_mail mail = {
	    .message_id = "<PY-22222222.0123456789abcdef@office.example>",
	    .recipient = "office@firm.example",
	    .date = "2026-03-02",
	    .link = COMPOSE_LINK,
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

char *compose_items_of(enum compose_kind kind, const char *language)
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

void compose_check_wire(const char *text, gsize size)
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

char *compose_header(const struct mime_message *message, const char *name)
{
	char *value = mime_header_text(message, name);

	return value ? g_strstrip(value) : NULL;
}

void compose_header_is(const struct mime_message *message, const char *name, const char *expected)
{
	g_autofree char *value = compose_header(message, name);

	if (expected)
		ck_assert_str_eq(value, expected);
	else
		ck_assert_ptr_null(value);
}

struct mime_message *compose_parse(const GString *out)
{
	g_autoptr(GBytes) raw = g_bytes_new(out->str, out->len);
	g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
	struct mime_message *message = mime_parse(raw, problems);

	ck_assert_uint_eq(problems->len, 0);
	return message;
}

const struct mime_part *compose_child(const struct mime_part *part, guint i)
{
	ck_assert_ptr_nonnull(part->children);
	ck_assert_uint_lt(i, part->children->len);
	return g_ptr_array_index(part->children, i);
}

struct composer *compose_composer(enum compose_kind kind, const char *language,
				  const struct compose_attachment *files, guint count)
{
	struct round round = compose_round(language);
	g_autoptr(GError) error = NULL;
	struct composer *c = composer_new(compose_office, &round, kind, files, count, &error);

	ck_assert_msg(c != NULL, "%s", error ? error->message : "");
	compose_round_clear(&round);
	return c;
}

GString *compose_whole(const struct composer *c, const struct compose_mail *mail)
{
	g_autoptr(compose_scratch_handle) scratch = compose_scratch_new();
	g_autoptr(GError) error = NULL;
	GString *out = g_string_new(NULL);

	ck_assert_msg(composer_append(c, mail, compose_now, scratch, out, &error), "%s",
		      error ? error->message : "");
	return out;
}

void compose_keep(const char *language, const char *kind, const GString *out)
{
	const char *where = g_getenv("LETTERS");
	g_autofree char *path =
	    where ? g_strdup_printf("%s/%s-%s.eml", where, kind, language) : NULL;

	if (path)
		ck_assert(g_file_set_contents(path, out->str, (gssize)out->len, NULL));
}
