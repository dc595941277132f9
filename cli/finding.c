#include "cli/finding.h"

#include "base/charset.h"
#include "base/error.h"
#include "base/json.h"
#include "templates/grid.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80 /* columns */

struct finding {
	enum finding_mark mark;
	const char *section; /* of the list's titles */
	char *name;
	char *word;
	char *text;
	char *advice; /* or NULL */
	char *record; /* or NULL */
};

struct findings {
	GPtrArray *titles;
	GPtrArray *list; /* of struct finding */
};

static const char *const mark_names[] = {"good", "note", "warning", "failed"};

static void finding_free(gpointer data)
{
	struct finding *finding = data;

	g_free(finding->name);
	g_free(finding->word);
	g_free(finding->text);
	g_free(finding->advice);
	g_free(finding->record);
	g_free(finding);
}

struct findings *findings_new(void)
{
	struct findings *findings = g_new0(struct findings, 1);

	findings->titles = g_ptr_array_new_with_free_func(g_free);
	findings->list = g_ptr_array_new_with_free_func(finding_free);
	return findings;
}

void findings_free(struct findings *findings)
{
	if (!findings)
		return;
	g_ptr_array_unref(findings->list);
	g_ptr_array_unref(findings->titles);
	g_free(findings);
}

void finding_section(struct findings *findings, const char *title)
{
	g_ptr_array_add(findings->titles, g_strdup(title));
}

/* What is told may come from strangers: a relay, a letter, the DNS. */
static char *take_line(char *text)
{
	char *line = text ? charset_line(text) : NULL;

	g_free(text);
	return line;
}

void finding_add(struct findings *findings, enum finding_mark mark, const char *name,
		 const char *word, const char *format, ...)
{
	struct finding *finding = g_new0(struct finding, 1);
	va_list arguments;

	finding->mark = mark;
	finding->section = findings->titles->len
			       ? g_ptr_array_index(findings->titles, findings->titles->len - 1)
			       : "";
	finding->name = g_strdup(name);
	finding->word = g_strdup(word);
	va_start(arguments, format);
	finding->text = take_line(g_strdup_vprintf(format, arguments));
	va_end(arguments);
	g_ptr_array_add(findings->list, finding);
}

static struct finding *last(struct findings *findings)
{
	return g_ptr_array_index(findings->list, findings->list->len - 1);
}

void finding_advise(struct findings *findings, const char *format, ...)
{
	va_list arguments;

	g_free(last(findings)->advice);
	va_start(arguments, format);
	last(findings)->advice = take_line(g_strdup_vprintf(format, arguments));
	va_end(arguments);
}

void finding_record(struct findings *findings, char *record)
{
	g_free(last(findings)->record);
	last(findings)->record = take_line(record);
}

/* The first of the worst mark that has advice, NULL when nothing has to be mended. */
static const struct finding *worst_of(const struct findings *findings)
{
	const struct finding *worst = NULL;

	for (guint i = 0; i < findings->list->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings->list, i);

		if (finding->advice && finding->mark >= FINDING_WARN &&
		    (!worst || finding->mark > worst->mark))
			worst = finding;
	}
	return worst;
}

/* Where a line may end behind `c`: at a space, and between Chinese characters. */
static gboolean may_break(const char *c)
{
	gunichar point = g_utf8_get_char(c);
	gunichar next = g_utf8_get_char(g_utf8_next_char(c));

	if (point == ' ' || !next)
		return TRUE;
	/* not before what closes or ends (clreq, 3.1.3) */
	if (g_utf8_strchr("，。、；：！？）”》」", -1, next))
		return FALSE;
	if (g_utf8_strchr("（“《「", -1, point))
		return FALSE;
	return g_unichar_iswide(point) || g_unichar_iswide(next);
}

/* The bytes of `text` that fit into `room` columns, cut where a line may end. */
static gsize fitting(const char *text, guint room)
{
	gsize fits = 0;
	guint used = 0;

	for (const char *c = text; *c; c = g_utf8_next_char(c)) {
		gunichar point = g_utf8_get_char(c);
		guint wide = g_unichar_iswide(point) ? 2 : g_unichar_iszerowidth(point) ? 0 : 1;

		if (used + wide > room && point != ' ')
			return fits ? fits : (gsize)(c - text);
		used += wide;
		if (may_break(c))
			fits = (gsize)(g_utf8_next_char(c) - text);
	}
	return strlen(text);
}

/* Text from column `from` on, as many lines as it takes; what belongs to no line is a space. */
static void print_wrapped(const char *text, guint from)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	const char *at = valid;

	g_strdelimit(valid, "\r\n\t", ' ');
	do {
		gsize length = fitting(at, WIDTH - from);
		g_autofree char *line = g_strndup(at, length);

		printf("%*s%s\n", at == valid ? 0 : (int)from, "", g_strchomp(line));
		at += length;
	} while (*at);
}

static void print_one(const struct finding *finding, guint column)
{
	static const char *const marks[] = {"✓", "·", "!", "✗"};

	printf("  %s %s%*s", marks[finding->mark], finding->word,
	       (int)(column - 4 - grid_width(finding->word)), "");
	print_wrapped(finding->text, column);
	if (finding->advice && finding->mark != FINDING_GOOD) {
		printf("%*s", (int)column, "");
		print_wrapped(finding->advice, column);
	}
	if (finding->record)
		printf("    %s\n", finding->record);
}

void findings_print(const struct findings *findings, const char *done)
{
	const char *section = NULL;
	const struct finding *worst = worst_of(findings);
	g_autofree char *next = NULL;
	guint column = 0;

	for (guint i = 0; i < findings->list->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings->list, i);

		column = MAX(column, 4 + grid_width(finding->word) + 2);
	}
	for (guint i = 0; i < findings->list->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings->list, i);

		if (finding->section != section)
			printf("%s%s\n", section ? "\n" : "", finding->section);
		section = finding->section;
		print_one(finding, column);
	}
	next = g_strdup_printf(_("Next: %s"), worst ? worst->advice : done);
	putchar('\n');
	print_wrapped(next, 0);
	if (worst && worst->record)
		printf("    %s\n", worst->record);
}

void findings_print_json(const struct findings *findings, const char *done)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	const struct finding *worst = worst_of(findings);
	g_autofree char *json = NULL;

	json_builder_begin_object(builder);
	json_open_array(builder, "findings");
	for (guint i = 0; i < findings->list->len; i++) {
		const struct finding *finding = g_ptr_array_index(findings->list, i);

		json_builder_begin_object(builder);
		json_add_text(builder, "name", finding->name);
		json_add_text(builder, "mark", mark_names[finding->mark]);
		json_add_text(builder, "text", finding->text);
		json_add_text(builder, "advice", finding->advice);
		json_add_text(builder, "record", finding->record);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_add_text(builder, "next", worst ? worst->advice : done);
	json_builder_end_object(builder);
	json = json_finish(builder);
	puts(json);
}
