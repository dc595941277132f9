#include "base/xlsx_style.h"

#include <math.h>
#include <string.h>

#define EXACT_LIMIT     1e15 /* Excel keeps 15 digits */
#define ZEROS_LIMIT     30u
#define SECONDS_A_DAY   86400
#define DAYS_LIMIT      2958466.0 /* 9999-12-31 and a day */
#define DAYS_1904_LATER 1462

/* The letters of a format code that mean something: without quoted text, [..], \x, _x and *x. */
static char *bare_code(const char *code)
{
	GString *bare = g_string_new(NULL);

	for (const char *at = code; *at && *at != ';'; at++) {
		const char *end;

		if (*at == '"' || *at == '[') {
			end = strchr(at + 1, *at == '"' ? '"' : ']');
			if (!end)
				break;
			at = end;
		} else if (*at == '\\' || *at == '_' || *at == '*') {
			if (!at[1])
				break;
			at++;
		} else {
			g_string_append_c(bare, g_ascii_tolower(*at));
		}
	}
	return g_string_free(bare, FALSE);
}

static struct xlsx_style style_of_code(const char *code)
{
	g_autofree char *bare = bare_code(code);
	struct xlsx_style style = {.format = XLSX_GENERAL};
	gboolean day = strpbrk(bare, "yd") != NULL;
	gboolean hour = strpbrk(bare, "hs") != NULL;
	gsize zeros = strspn(bare, "0");

	if (g_str_has_prefix(bare, "general") || strchr(bare, '@'))
		return style;
	if (!day && !hour && strchr(bare, 'm'))
		day = TRUE;
	if (day || hour) {
		style.format = !hour ? XLSX_DATE : day ? XLSX_DATE_TIME : XLSX_TIME;
	} else if (strchr(bare, '%')) {
		style.format = XLSX_PERCENT;
	} else if (zeros > 1 && bare[zeros] == '\0') {
		style.format = XLSX_ZEROS;
		style.zeros = (guint)MIN(zeros, ZEROS_LIMIT);
	}
	return style;
}

struct xlsx_style xlsx_style_of(guint id, const char *code)
{
	struct xlsx_style style = {.format = XLSX_GENERAL};

	if (code)
		return style_of_code(code);
	if (id == 9 || id == 10)
		style.format = XLSX_PERCENT;
	else if (id == 22)
		style.format = XLSX_DATE_TIME;
	else if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || (id >= 45 && id <= 47) ||
		 id == 55 || id == 56)
		style.format = XLSX_TIME;
	else if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 ||
		 (id >= 50 && id <= 58))
		style.format = XLSX_DATE;
	return style;
}

static char *digits(double number)
{
	char buffer[64];
	gboolean whole = fabs(number) < EXACT_LIMIT && number == trunc(number);

	g_ascii_formatd(buffer, sizeof buffer, whole ? "%.0f" : "%.15G", number);
	return g_strdup(strcmp(buffer, "-0") == 0 ? "0" : buffer);
}

/* Day 60 is the 29th of February 1900, which never was: days before it count from a day later. */
static char *date_text(double number, enum xlsx_format format, gboolean from_1904)
{
	gint64 day = (gint64)floor(number) + (from_1904 ? DAYS_1904_LATER : 0);
	gint64 second = (gint64)round((number - floor(number)) * SECONDS_A_DAY);
	g_autoptr(GDateTime) start = g_date_time_new_utc(1899, 12, 30, 0, 0, 0);
	g_autoptr(GDateTime) date = NULL;
	g_autoptr(GDateTime) time = NULL;

	if (day < 60 && !from_1904)
		day++;
	date = g_date_time_add_days(start, (gint)day);
	time = date ? g_date_time_add_seconds(date, (double)second) : NULL;
	if (!time)
		return digits(number);
	if (format == XLSX_TIME)
		return g_date_time_format(time, second % 60 ? "%H:%M:%S" : "%H:%M");
	return g_date_time_format(time, second ? "%Y-%m-%d %H:%M" : "%Y-%m-%d");
}

char *xlsx_number_text(const char *value, struct xlsx_style style, gboolean from_1904)
{
	char *end;
	double number = g_ascii_strtod(value, &end);
	g_autofree char *text = NULL;
	gsize length;

	if (end == value || *end || !isfinite(number))
		return g_strdup(value);
	if (style.format >= XLSX_DATE && number >= 0 && number < DAYS_LIMIT)
		return date_text(number, style.format, from_1904);
	if (style.format == XLSX_PERCENT) {
		text = digits(number * 100);
		return g_strconcat(text, "%", NULL);
	}
	text = digits(number);
	length = strlen(text);
	if (style.format == XLSX_ZEROS && length < style.zeros &&
	    strspn(text, "0123456789") == length)
		return g_strdup_printf("%0*d%s", (int)(style.zeros - length), 0, text);
	return g_steal_pointer(&text);
}
