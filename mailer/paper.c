#include "mailer/paper.h"

#include "base/error.h"
#include "db/letter.h"
#include "sql.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define BATCH         500
#define FILE_NAME_MAX 120 /* bytes of an enterprise's name in a file's name */

enum column { ID, NUMBER, TURN, ENTERPRISE, CONTACT, ADDRESS, POSTCODE, SHORT_NAME, DAY };

struct paper {
	struct office *office;
	struct db *db;
	const struct round *round;
	const struct paper_options *options;
	struct print *print;
	char *numbers; /* JSON, or NULL */
	const char *values[LETTER_FIELDS];
	gint64 last;
	guint64 done, total;
	guint without_address;
	GString *homeless; /* the first of their numbers */
};

/* What the letters of a batch borrow. */
struct batch {
	struct db_rows *rows;
	struct print_letter *letters;
	const char **values;
	GPtrArray *texts;
};

static void batch_clear(struct batch *batch)
{
	db_rows_free(batch->rows);
	g_free(batch->letters);
	g_free(batch->values);
	g_ptr_array_unref(batch->texts);
}

void paper_fonts(struct office *office, struct print_style *style)
{
	for (guint role = 0; role < PRINT_ROLES; role++)
		style->fonts[role] = office_setting(office, "print", print_role_settings[role], "");
}

static char *numbers_json(const char *const *numbers)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	g_autoptr(JsonNode) root = NULL;

	if (!numbers)
		return NULL;
	json_builder_begin_array(builder);
	for (; *numbers; numbers++)
		json_builder_add_string_value(builder, *numbers);
	json_builder_end_array(builder);
	root = json_builder_get_root(builder);
	return json_to_string(root, FALSE);
}

static void shared_values(struct paper *paper)
{
	struct office *office = paper->office;
	const char *name = office_setting(office, "office", "name", "");
	const char *signed_by = office_setting(office, "office", "signed_by", "");
	const char **values = paper->values;

	values[LETTER_OFFICE] = name;
	values[LETTER_PHONE] = office_setting(office, "office", "phone", "");
	values[LETTER_ADDRESS] = office_setting(office, "office", "address", "");
	values[LETTER_ROUND] = paper->round->title;
	values[LETTER_OPENS] = paper->round->opens;
	values[LETTER_CLOSES] = paper->round->closes;
	values[LETTER_KEEP_UNTIL] = paper->round->keep_until;
	/* the office's name stands above already */
	values[LETTER_SIGNED_BY] = strcmp(signed_by, name) == 0 ? "" : signed_by;
}

/* "PY-XXXXXXXX 短名.pdf", without what no file's name should have. */
static char *file_name(const char *number, const char *name)
{
	g_autoptr(GString) out = g_string_new(number);

	g_string_append_c(out, ' ');
	for (const char *p = name; *p && out->len < FILE_NAME_MAX; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);

		if (c < ' ' || c == 0x7f || strchr("/\\:*?\"<>|", (int)(c < 0x80 ? c : '_')) ||
		    !g_unichar_isprint(c))
			c = '_';
		g_string_append_unichar(out, c);
	}
	g_string_append(out, ".pdf");
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *keep(struct batch *batch, char *text)
{
	g_ptr_array_add(batch->texts, text);
	return text;
}

/* The post does not know where this one goes. */
static void note_homeless(struct paper *paper, const char *number)
{
	if (paper->without_address++ == PAPER_NAMED_MAX)
		g_string_append(paper->homeless, " …");
	if (paper->without_address > PAPER_NAMED_MAX)
		return;
	if (paper->homeless->len > 0)
		g_string_append(paper->homeless, _(", "));
	g_string_append(paper->homeless, number);
}

static void fill_letter(struct paper *paper, struct batch *batch, guint row)
{
	const struct db_rows *rows = batch->rows;
	const char **values = batch->values + (gsize)row * LETTER_FIELDS;
	const char *number = db_get_text(rows, row, NUMBER);
	const char *name = db_get_text(rows, row, SHORT_NAME);

	memcpy(values, paper->values, sizeof paper->values);
	values[LETTER_ENTERPRISE] = db_get_text(rows, row, ENTERPRISE);
	values[LETTER_CONTACT] = db_get_text(rows, row, CONTACT);
	values[LETTER_NUMBER] = number;
	values[LETTER_LINK] =
	    keep(batch, letter_link(paper->office, number, (guint)db_get_int(rows, row, TURN)));
	values[LETTER_DATE] = db_get_text(rows, row, DAY);
	batch->letters[row] = (struct print_letter){
	    .values = values,
	    .address = db_get_text(rows, row, ADDRESS),
	    .postcode = db_get_text(rows, row, POSTCODE),
	    .file = keep(batch, file_name(number, *name ? name : values[LETTER_ENTERPRISE])),
	};
	if (!*batch->letters[row].address)
		note_homeless(paper, number);
}

/* Prints the next batch; *more_out says whether there was one. */
static gboolean print_batch(struct paper *paper, gboolean *more_out, GError **error)
{
	struct batch batch = {0};
	guint count;
	gboolean good;

	batch.rows =
	    db_query(paper->db, sql_print_letters,
		     DB(db_int(paper->round->id), db_bool(paper->options->only_without_mail),
			db_text(paper->numbers), db_int(paper->last), db_int(BATCH),
			db_bool(paper->options->only_lost)),
		     error);
	if (!batch.rows)
		return FALSE;
	count = db_rows_count(batch.rows);
	batch.letters = g_new0(struct print_letter, count + 1);
	batch.values = g_new0(const char *, (gsize)(count + 1) * LETTER_FIELDS);
	batch.texts = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < count; i++)
		fill_letter(paper, &batch, i);
	good = print_letters(paper->print, batch.letters, count, error);
	if (count > 0)
		paper->last = db_get_int(batch.rows, count - 1, ID);
	paper->done += count;
	*more_out = count == BATCH;
	batch_clear(&batch);
	return good;
}

static gboolean add_sheet(struct paper *paper, GError **error)
{
	const struct round *round = paper->round;
	g_autoptr(form_handle) form = form_parse(round->questionnaire, strlen(round->questionnaire),
						 "questionnaire.xml", error);
	g_autoptr(db_rows) rows =
	    form ? db_query(paper->db, sql_department_list, DB_NONE, error) : NULL;
	g_autofree struct form_department *departments = NULL;

	if (!rows)
		return FALSE;
	departments = g_new0(struct form_department, db_rows_count(rows) + 1);
	for (guint i = 0; i < db_rows_count(rows); i++) {
		departments[i].code = db_get_text(rows, i, 0);
		departments[i].name = db_get_text(rows, i, 1);
	}
	return print_add_sheet(paper->print, form, departments, db_rows_count(rows), round->title,
			       error);
}

/* How many there are; none, or not all that were named, is an error. */
static gboolean count_letters(struct paper *paper, GError **error)
{
	const struct paper_options *options = paper->options;
	g_autoptr(db_rows) rows =
	    db_query(paper->db, sql_print_count,
		     DB(db_int(paper->round->id), db_bool(options->only_without_mail),
			db_text(paper->numbers), db_bool(options->only_lost)),
		     error);

	if (!rows)
		return FALSE;
	paper->total = (guint64)db_get_int(rows, 0, 0);
	if (options->numbers && paper->total < g_strv_length((char **)(gsize)options->numbers)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("round %s has not all of these letters"), paper->round->code);
		return FALSE;
	}
	if (paper->total > 0)
		return TRUE;
	g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
		    options->only_lost
			? _("round %s has no letter that was refused or came back, and was not "
			    "answered")
		    : options->only_without_mail
			? _("round %s has no letter without a mail address; --all prints all")
			: _("round %s has no letters"),
		    paper->round->code);
	return FALSE;
}

static gboolean begin(struct paper *paper, const struct letter_view *view, GError **error)
{
	const struct paper_options *options = paper->options;
	struct print_style style = {
	    .office = paper->values[LETTER_OFFICE],
	    .address = paper->values[LETTER_ADDRESS],
	    .phone = paper->values[LETTER_PHONE],
	    .english = strcmp(paper->round->language, "en") == 0,
	    .window = !options->no_window &&
		      strcmp(office_setting(paper->office, "print", "window", "yes"), "no") != 0,
	    .each = options->each,
	    .label_columns = options->label_columns,
	    .label_rows = options->label_rows,
	};

	paper_fonts(paper->office, &style);
	paper->print = print_new(&style, view, options->path, error);
	if (!paper->print)
		return FALSE;
	return options->no_sheet || options->label_columns || add_sheet(paper, error);
}

static gboolean run(struct paper *paper, gint64 account, GDateTime *now, paper_progress *progress,
		    paper_reporter *reporter, void *user, GError **error)
{
	g_autofree char *count = NULL;
	gboolean more = TRUE;

	while (more) {
		if (!print_batch(paper, &more, error))
			return FALSE;
		if (progress)
			progress(user, paper->done, paper->total);
	}
	if (!print_end(paper->print, error))
		return FALSE;
	if (reporter) {
		struct paper_report report = {.print = print_report(paper->print),
					      .without_address = paper->without_address,
					      .numbers = paper->homeless->str};

		reporter(user, &report);
	}
	count = g_strdup_printf("%" G_GUINT64_FORMAT, paper->done);
	return db_run(paper->db, sql_print_record,
		      DB(db_int(paper->round->id), db_text(count), db_int(account), db_time(now)),
		      NULL, error);
}

gboolean paper_print(struct office *office, struct db *db, const struct round *round,
		     const struct paper_options *options, gint64 account, GDateTime *now,
		     paper_progress *progress, paper_reporter *reporter, void *user, GError **error)
{
	g_autoptr(letter_view_handle) view = NULL;
	struct paper paper = {.office = office, .db = db, .round = round, .options = options};
	gboolean good;

	if (strcmp(round->state, "draft") == 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_STATE,
			    _("round %s is a draft: its letters have no numbers and links before "
			      "“pingyi round release %s”"),
			    round->code, round->code);
		return FALSE;
	}
	view = letter_view_new(round->language, "letter.xhtml", round->template_text,
			       strlen(round->template_text), error);
	if (!view)
		return FALSE;
	paper.numbers = numbers_json(options->numbers);
	paper.homeless = g_string_new(NULL);
	shared_values(&paper);
	good = count_letters(&paper, error) && begin(&paper, view, error) &&
	       run(&paper, account, now, progress, reporter, user, error);
	print_free(paper.print);
	g_free(paper.numbers);
	g_string_free(paper.homeless, TRUE);
	return good;
}
