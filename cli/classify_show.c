#include "cli/classify_show.h"

#include "base/error.h"
#include "classifier/classifier.h"
#include "cli/terminal.h"
#include "templates/format.h"

#include <stdio.h>
#include <string.h>

#define LABEL_COLUMN 14

static void put_word(GString *out, const char *word)
{
	format_word(out, word, strcmp(_("en"), "en") == 0);
}

/* "退税 (word of its business, 5)", each word once. */
static void put_reasons(GString *out, const struct sorted *sorted, const char *text)
{
	g_autoptr(GHashTable) told = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

	for (guint i = 0; i < sorted->reasons->len; i++) {
		const struct reason *reason = &g_array_index(sorted->reasons, struct reason, i);
		char *word = reason->word
				 ? g_strdup(reason->word)
				 : g_strndup(text + reason->start, reason->end - reason->start);

		if (!g_hash_table_add(told, word))
			continue;
		g_string_append_printf(out, "%s%s%s", i ? _(", ") : _(": "), word, _(" ("));
		put_word(out, reason->what);
		g_string_append_printf(out, " %.3g%s", reason->weight, _(")"));
	}
}

/* "d28 税务局 · leads · 92 % sure: 退税 (word of its business 5)" */
static void put_department(GString *out, const struct classified *classified,
			   const struct sorted *sorted, guint width)
{
	g_autoptr(GString) line = g_string_new(NULL);

	g_string_append_printf(line, "%s %s · ", sorted->code, sorted->name);
	if (!classified->needs_person) {
		put_word(line, sorted->lead ? "lead" : "part");
		g_string_append(line, " · ");
	}
	g_string_append_printf(line, _("%.0f %% sure"), sorted->sure * 100);
	put_reasons(line, sorted, classified->text);
	terminal_field(out, LABEL_COLUMN, classified->needs_person ? _("Perhaps") : _("Department"),
		       line->str, 0, width);
}

static gboolean has_department(const struct classified *classified, const char *code)
{
	for (guint i = 0; i < classified->departments->len; i++) {
		const struct sorted *sorted = g_ptr_array_index(classified->departments, i);

		if (strcmp(sorted->code, code) == 0)
			return TRUE;
	}
	return FALSE;
}

static void put_opinion(GString *out, const struct classified *classified, guint number,
			guint width)
{
	g_autoptr(GString) head = g_string_new(NULL);

	g_string_append_printf(head, _("Opinion %lld · "), (long long)number);
	put_word(head, opinion_kind_name(classified->kind));
	if (classified->needs_person) {
		g_string_append(head, " · ");
		put_word(head, "person");
	}
	terminal_wrap(out, 0, 0, width, 0, head->str);
	terminal_field(out, LABEL_COLUMN, _("Says"), classified->text, 0, width);
	if (classified->why)
		terminal_field(out, LABEL_COLUMN, _("Why"), _(classified->why), 0, width);
	for (guint i = 0; i < classified->departments->len; i++)
		put_department(out, classified, g_ptr_array_index(classified->departments, i),
			       width);
	if (classified->second_code && !has_department(classified, classified->second_code)) {
		g_autofree char *second =
		    g_strdup_printf("%s %s", classified->second_code, classified->second_name);

		terminal_field(out, LABEL_COLUMN, _("Second"), second, 0, width);
	}
}

void classify_show(const GPtrArray *opinions)
{
	guint width = terminal_width();
	g_autoptr(GString) out = g_string_new(NULL);
	guint persons = 0;

	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *classified = g_ptr_array_index(opinions, i);

		put_opinion(out, classified, i + 1, width);
		persons += classified->needs_person ? 1 : 0;
	}
	fputs(out->str, stdout);
	fflush(stdout);
	fprintf(stderr, _("%u opinions, %u of them wait for a person\n"), opinions->len, persons);
}
