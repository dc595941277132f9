#include "templates/format.h"

#include "base/asset.h"
#include "base/language.h"

#include <stdio.h>
#include <string.h>

/* Whether `text` begins with a date; a timestamp does. */
static gboolean read_date(const char *text, GDate *date)
{
	int year, month, day;

	if (sscanf(text, "%4d-%2d-%2d", &year, &month, &day) != 3 || year < 1 || month < 1 ||
	    month > 12 || day < 1 || day > 31 ||
	    !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
		return FALSE;
	g_date_clear(date, 1);
	g_date_set_dmy(date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
	return TRUE;
}

void format_date(GString *out, const char *text, gboolean english)
{
	static const char *const chinese_days[] = {"一", "二", "三", "四", "五", "六", "日"};
	static const char *const english_days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
	guint weekday;
	GDate date;

	if (!read_date(text, &date)) {
		g_string_append(out, text);
		return;
	}
	weekday = g_date_get_weekday(&date) - 1U;
	g_string_append_printf(out, english ? "%04d-%02d-%02d (%s)" : "%04d-%02d-%02d (周%s)",
			       g_date_get_year(&date), (int)g_date_get_month(&date),
			       g_date_get_day(&date),
			       (english ? english_days : chinese_days)[weekday]);
}

void format_day(GString *out, const char *text, gboolean english)
{
	static const char *const months[] = {"January",   "February", "March",    "April",
					     "May",       "June",     "July",     "August",
					     "September", "October",  "November", "December"};
	GDate date;

	if (!read_date(text, &date))
		g_string_append(out, text);
	else if (english)
		g_string_append_printf(out, "%d %s %d", g_date_get_day(&date),
				       months[g_date_get_month(&date) - 1], g_date_get_year(&date));
	else
		g_string_append_printf(out, "%d年%d月%d日", g_date_get_year(&date),
				       (int)g_date_get_month(&date), g_date_get_day(&date));
}

void format_time(GString *out, const char *text)
{
	if (strlen(text) < 16 || (text[10] != 'T' && text[10] != ' ')) {
		g_string_append(out, text);
		return;
	}
	g_string_append_len(out, text, 10);
	g_string_append_c(out, ' ');
	g_string_append_len(out, text + 11, 5);
}

void format_number(GString *out, const char *text)
{
	gsize sign = text[0] == '-';
	gsize digits = strspn(text + sign, "0123456789");
	gsize rest = strlen(text + sign + digits);

	if (digits == 0 || strspn(text + sign + digits, ".0123456789") != rest) {
		g_string_append(out, text);
		return;
	}
	g_string_append_len(out, text, (gssize)sign);
	for (gsize i = 0; i < digits; i++) {
		if (i > 0 && (digits - i) % 3 == 0)
			g_string_append_c(out, ',');
		g_string_append_c(out, text[sign + i]);
	}
	g_string_append(out, text + sign + digits);
}

void format_percent(GString *out, double ratio)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(out, g_ascii_formatd(buffer, sizeof buffer, "%.1f", ratio * 100));
	g_string_append_c(out, '%');
}

void format_days(GString *out, gint64 days, gboolean english)
{
	gint64 n = ABS(days);

	if (days == 0)
		g_string_append(out, english ? "due today" : "今天到期");
	else if (!english)
		g_string_append_printf(out, "%s %" G_GINT64_FORMAT " 个工作日",
				       days > 0 ? "还剩" : "超期", n);
	else if (days > 0)
		g_string_append_printf(out, "%" G_GINT64_FORMAT " working day%s left", n,
				       n == 1 ? "" : "s");
	else
		g_string_append_printf(out, "overdue by %" G_GINT64_FORMAT " working day%s", n,
				       n == 1 ? "" : "s");
}

/* word -> {Chinese, English} */
static GHashTable *load_words(void)
{
	GHashTable *words =
	    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_strfreev);
	g_auto(GStrv) lines = g_strsplit(asset_find("templates/words.tsv")->text, "\n", -1);

	for (char **line = lines; *line; line++) {
		char **cells = g_strsplit(*line, "\t", -1);

		if (g_strv_length(cells) == 3)
			g_hash_table_insert(words, g_strdup(cells[0]), cells);
		else
			g_strfreev(cells);
	}
	return words;
}

void format_word(GString *out, const char *word, gboolean english)
{
	static gsize once;
	static GHashTable *words;
	char **cells;

	if (g_once_init_enter(&once)) {
		words = load_words();
		g_once_init_leave(&once, 1);
	}
	cells = g_hash_table_lookup(words, word);
	g_string_append(out, cells ? cells[english ? 2 : 1] : word);
}

void format_message(GString *out, const char *text, gboolean english)
{
	g_autofree char *said = english ? NULL : language_kept(text);

	g_string_append(out, said ? said : text);
}
