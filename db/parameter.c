#include "db/parameter.h"

#include <string.h>

#define TIME_FORMAT "%Y-%m-%dT%H:%M:%S.%f%z"

struct db_value db_null(void)
{
	return (struct db_value){.kind = DB_NULL};
}

struct db_value db_text(const char *text)
{
	return (struct db_value){.kind = text ? DB_TEXT : DB_NULL, .text = text};
}

struct db_value db_int(gint64 integer)
{
	return (struct db_value){.kind = DB_INT, .integer = integer};
}

struct db_value db_bool(gboolean boolean)
{
	return (struct db_value){.kind = DB_BOOL, .boolean = boolean};
}

struct db_value db_bytes(GBytes *bytes)
{
	return (struct db_value){.kind = bytes ? DB_BYTES : DB_NULL, .bytes = bytes};
}

struct db_value db_time(GDateTime *time)
{
	return (struct db_value){.kind = time ? DB_TIME : DB_NULL, .time = time};
}

struct db_value db_double(double number)
{
	return (struct db_value){.kind = DB_DOUBLE, .number = number};
}

void parameters_clear(struct parameters *p)
{
	g_free(p->values);
	g_free(p->lengths);
	g_free(p->formats);
	g_ptr_array_unref(p->made);
}

static void parameter_text(struct parameters *p, guint i, char *text)
{
	g_ptr_array_add(p->made, text);
	p->values[i] = text;
}

void parameters_fill(struct parameters *p, const struct db_value *values, guint n)
{
	p->values = g_new0(const char *, n + 1);
	p->lengths = g_new0(int, n + 1);
	p->formats = g_new0(int, n + 1);
	p->made = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; i < n; i++) {
		const struct db_value *value = &values[i];
		char number[G_ASCII_DTOSTR_BUF_SIZE];
		gsize size = 0;

		switch (value->kind) {
		case DB_NULL:
			break;
		case DB_TEXT:
			p->values[i] = value->text;
			break;
		case DB_INT:
			parameter_text(p, i, g_strdup_printf("%" G_GINT64_FORMAT, value->integer));
			break;
		case DB_BOOL:
			p->values[i] = value->boolean ? "t" : "f";
			break;
		case DB_BYTES:
			p->values[i] = g_bytes_get_data(value->bytes, &size);
			if (!p->values[i])
				p->values[i] = "";
			p->lengths[i] = (int)size;
			p->formats[i] = 1;
			break;
		case DB_TIME:
			parameter_text(p, i, g_date_time_format(value->time, TIME_FORMAT));
			break;
		case DB_DOUBLE:
			parameter_text(
			    p, i, g_strdup(g_ascii_dtostr(number, sizeof number, value->number)));
			break;
		}
	}
}

static void array_next(GString *array)
{
	g_string_append_c(array, array->len ? ',' : '{');
}

void db_array_int(GString *array, gint64 integer)
{
	array_next(array);
	g_string_append_printf(array, "%" G_GINT64_FORMAT, integer);
}

void db_array_null(GString *array)
{
	array_next(array);
	g_string_append(array, "NULL");
}

void db_array_text(GString *array, const char *text)
{
	if (!text) {
		db_array_null(array);
		return;
	}
	array_next(array);
	g_string_append_c(array, '"');
	for (gsize plain; *text; text += plain) {
		plain = strcspn(text, "\"\\");
		g_string_append_len(array, text, (gssize)plain);
		if (text[plain]) {
			g_string_append_c(array, '\\');
			g_string_append_c(array, text[plain]);
			plain++;
		}
	}
	g_string_append_c(array, '"');
}

void db_array_bytes(GString *array, GBytes *bytes)
{
	static const char digits[] = "0123456789abcdef";
	gsize size = 0;
	const guint8 *at = g_bytes_get_data(bytes, &size);

	array_next(array);
	g_string_append(array, "\"\\\\x");
	for (gsize i = 0; i < size; i++) {
		g_string_append_c(array, digits[at[i] >> 4]);
		g_string_append_c(array, digits[at[i] & 15]);
	}
	g_string_append_c(array, '"');
}

void db_array_time(GString *array, GDateTime *time)
{
	g_autofree char *text = time ? g_date_time_format(time, TIME_FORMAT) : NULL;

	db_array_text(array, text);
}

const char *db_array_end(GString *array)
{
	g_string_append(array, array->len ? "}" : "{}");
	return array->str;
}
