#include "collector/header.h"

#include "base/charset.h"

#include <gmime/gmime.h>
#include <string.h>

void address_free(struct address *address)
{
	if (!address)
		return;
	g_free(address->name);
	g_free(address->address);
	g_free(address);
}

/* One address being read. */
struct scan {
	GString *phrase;  /* words outside brackets */
	GString *angle;   /* what stands between < and > */
	GString *comment; /* what stands between ( and ) */
	gboolean has_angle;
	gboolean quoted; /* a quoted string was in the phrase */
	gsize looked_at; /* bytes of the phrase in which an @ was looked for … */
	gsize at;        /* … and where the last one stands */
};

static char *decoded(GString *raw, const char *label)
{
	char *text = charset_decode_header(raw->str, raw->len, label);

	g_strstrip(text);
	if (*text)
		return text;
	g_free(text);
	return NULL;
}

/* An address without white space; NULL when nothing is left. */
static char *clean_address(const char *raw, gsize length, const char *label)
{
	g_autofree char *text = charset_to_utf8(raw, length, label, NULL);
	GString *out = g_string_new(NULL);
	const char *start = text;
	gboolean quoted = FALSE;

	/* A source route (RFC 5321 4.1.1.3): <@a,@b:user@host>. */
	while (g_ascii_isspace(*start))
		start++;
	if (*start == '@' && strchr(start, ':'))
		start = strchr(start, ':') + 1;
	for (const char *p = start; *p; p++) {
		if (*p == '"')
			quoted = !quoted;
		if (quoted || !g_ascii_isspace(*p))
			g_string_append_c(out, *p);
	}
	if (out->len == 0) {
		g_string_free(out, TRUE);
		return NULL;
	}
	return g_string_free(out, FALSE);
}

static void phrase_clear(struct scan *scan)
{
	g_string_truncate(scan->phrase, 0);
	scan->looked_at = scan->at = 0;
}

/* It is asked at each colon: the phrase only grows, so that each byte is looked at once. */
static gboolean is_bare_address(struct scan *scan)
{
	for (; scan->looked_at < scan->phrase->len; scan->looked_at++)
		if (scan->phrase->str[scan->looked_at] == '@')
			scan->at = scan->looked_at;
	return scan->at > 0 && scan->at + 1 < scan->phrase->len;
}

static void scan_finish(struct scan *scan, GPtrArray *out, const char *label)
{
	struct address *address = g_new0(struct address, 1);

	if (scan->has_angle) {
		address->address = clean_address(scan->angle->str, scan->angle->len, label);
		address->name = decoded(scan->phrase, label);
	} else if (is_bare_address(scan)) {
		/* "Name user@host" happens too: the last word is the address. */
		const char *end = scan->phrase->str + scan->phrase->len;
		const char *start;

		while (end > scan->phrase->str && g_ascii_isspace(end[-1]))
			end--;
		start = end;
		if (!strchr(scan->phrase->str, '"') && !strstr(scan->phrase->str, " @") &&
		    !strstr(scan->phrase->str, "@ "))
			while (start > scan->phrase->str && !g_ascii_isspace(start[-1]))
				start--;
		else
			start = scan->phrase->str;
		address->address = clean_address(start, (gsize)(end - start), label);
		g_string_truncate(scan->phrase, (gsize)(start - scan->phrase->str));
		address->name = decoded(scan->phrase, label);
	} else {
		address->name = decoded(scan->phrase, label);
	}
	if (!address->name && scan->comment->len > 0)
		address->name = decoded(scan->comment, label);
	phrase_clear(scan);
	g_string_truncate(scan->angle, 0);
	g_string_truncate(scan->comment, 0);
	scan->has_angle = scan->quoted = FALSE;
	if ((address->name || address->address) && out->len < HEADER_ADDRESSES_MAX)
		g_ptr_array_add(out, address);
	else
		address_free(address);
}

/* A quoted string at `p` (at its first quote) goes to `phrase`, its quotes too when an address
 * needs them. Returns where it ends. */
static const char *scan_quoted(const char *p, const char *end, GString *phrase)
{
	g_autoptr(GString) text = g_string_new(NULL);

	for (p++; p < end && *p != '"'; p++) {
		if (*p == '\\' && p + 1 < end)
			p++;
		g_string_append_c(text, *p);
	}
	if (p < end)
		p++;
	if (p < end && *p == '@')
		g_string_append_printf(phrase, "\"%s\"", text->str);
	else
		g_string_append_len(phrase, text->str, (gssize)text->len);
	return p;
}

static const char *scan_comment(const char *p, const char *end, GString *comment)
{
	guint depth = 0;

	if (comment->len > 0)
		g_string_append_c(comment, ' ');
	for (; p < end; p++) {
		if (*p == '\\' && p + 1 < end) {
			g_string_append_c(comment, *++p);
			continue;
		}
		if (*p == '(' && depth++ == 0)
			continue;
		if (*p == ')' && --depth == 0)
			return p + 1;
		g_string_append_c(comment, *p);
	}
	return p;
}

/* Whether the colon at `p` ends a group's name (and is not part of an address or a word). */
static gboolean is_group_colon(struct scan *scan)
{
	return !scan->has_angle && !is_bare_address(scan);
}

static const char *scan_angle(const char *p, const char *end, struct scan *scan)
{
	g_string_truncate(scan->angle, 0);
	scan->has_angle = TRUE;
	for (p++; p < end && *p != '>'; p++) {
		if (*p == '(')
			p = scan_comment(p, end, scan->comment) - 1;
		else if (*p == '<')
			g_string_truncate(scan->angle, 0);
		else if (*p != '\r' && *p != '\n')
			g_string_append_c(scan->angle, *p);
	}
	return p < end ? p + 1 : p;
}

GPtrArray *header_addresses(const char *value, gsize length, const char *label)
{
	GPtrArray *out = g_ptr_array_new_with_free_func((GDestroyNotify)address_free);
	struct scan scan = {.phrase = g_string_new(NULL),
			    .angle = g_string_new(NULL),
			    .comment = g_string_new(NULL)};
	const char *p = value;
	const char *end = value + MIN(length, CHARSET_HEADER_MAX);

	while (p < end && out->len < HEADER_ADDRESSES_MAX) {
		switch (*p) {
		case '"':
			p = scan_quoted(p, end, scan.phrase);
			scan.quoted = TRUE;
			break;
		case '(':
			p = scan_comment(p, end, scan.comment);
			break;
		case '<':
			p = scan_angle(p, end, &scan);
			break;
		case ',':
		case ';':
			scan_finish(&scan, out, label);
			p++;
			break;
		case ':':
			if (is_group_colon(&scan)) {
				phrase_clear(&scan);
				g_string_truncate(scan.comment, 0);
			} else {
				g_string_append_c(scan.phrase, *p);
			}
			p++;
			break;
		case '=':
			if (p + 1 < end && p[1] == '?') {
				/* An encoded-word may hold , and ; unencoded. */
				const char *stop = p + 2;
				guint marks = 0;

				while (stop < end && *stop != ' ' && *stop != '\n' &&
				       !(marks == 2 && *stop == '?' && stop + 1 < end &&
					 stop[1] == '='))
					marks += *stop++ == '?';
				if (stop + 1 < end && *stop == '?')
					stop += 2;
				g_string_append_len(scan.phrase, p, stop - p);
				p = stop;
				break;
			}
			G_GNUC_FALLTHROUGH;
		default:
			g_string_append_c(scan.phrase, *p++);
		}
	}
	scan_finish(&scan, out, label);
	g_string_free(scan.phrase, TRUE);
	g_string_free(scan.angle, TRUE);
	g_string_free(scan.comment, TRUE);
	return out;
}

static void ids_add(GPtrArray *ids, const char *text, gsize length)
{
	char *id = charset_to_utf8(text, length, NULL, NULL);
	char *to = id;

	for (const char *from = id; *from; from++)
		if (!g_ascii_isspace(*from))
			*to++ = *from;
	*to = '\0';
	if (*id) {
		if (ids->len >= HEADER_IDS_MAX)
			g_ptr_array_remove_index(ids, 1); /* the first is the thread's root */
		g_ptr_array_add(ids, id);
	} else {
		g_free(id);
	}
}

GPtrArray *header_ids(const char *value, gsize length)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	const char *p = value, *end = value + MIN(length, CHARSET_HEADER_MAX);
	gboolean any_angle = memchr(value, '<', (gsize)(end - value)) != NULL;

	while (p < end) {
		if (any_angle) {
			const char *open = memchr(p, '<', (gsize)(end - p));
			const char *close = open ? memchr(open, '>', (gsize)(end - open)) : NULL;

			if (!open)
				break;
			if (!close)
				close = end;
			ids_add(ids, open + 1, (gsize)(close - open - 1));
			p = close < end ? close + 1 : end;
		} else {
			const char *start;

			while (p < end && (g_ascii_isspace(*p) || *p == ','))
				p++;
			for (start = p; p < end && !g_ascii_isspace(*p) && *p != ','; p++)
				;
			if (p > start)
				ids_add(ids, start, (gsize)(p - start));
		}
	}
	return ids;
}

/* A parameter of RFC 2231 may come in pieces: name*0*=, name*1=. */
struct parameter {
	char *name;
	guint section;
	gboolean extended; /* %-encoded */
	char *value;
	gsize length;
};

static void parameter_clear(struct parameter *parameter)
{
	g_free(parameter->name);
	g_free(parameter->value);
}

static void percent_decode(const char *text, gsize length, GByteArray *out)
{
	for (gsize i = 0; i < length; i++) {
		guint8 byte = (guint8)text[i];

		if (byte == '%' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) &&
		    g_ascii_isxdigit(text[i + 2])) {
			byte = (guint8)(g_ascii_xdigit_value(text[i + 1]) << 4 |
					g_ascii_xdigit_value(text[i + 2]));
			i += 2;
		}
		g_byte_array_append(out, &byte, 1);
	}
}

static int by_section(gconstpointer a, gconstpointer b)
{
	const struct parameter *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	if (order == 0)
		order = (int)left->section - (int)right->section;
	return order ? order : (int)right->extended - (int)left->extended;
}

/* Joins the pieces of one name, from `first`; returns how many there were. */
static guint parameter_join(GArray *found, guint first, const char *label, GHashTable *out)
{
	const struct parameter *head = &g_array_index(found, struct parameter, first);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	g_autofree char *charset = g_strdup(label);
	gboolean extended = FALSE;
	guint i = first;

	for (; i < found->len; i++) {
		const struct parameter *piece = &g_array_index(found, struct parameter, i);
		const char *text = piece->value;
		gsize length = piece->length;

		if (strcmp(piece->name, head->name) != 0)
			break;
		if (i > first && piece->section == 0)
			continue; /* the same name twice: the first counts */
		if (piece->extended && i == first) {
			const char *quote = memchr(text, '\'', length);
			const char *second =
			    quote ? memchr(quote + 1, '\'', length - (gsize)(quote + 1 - text))
				  : NULL;

			if (second) {
				g_free(charset);
				charset = g_strndup(text, (gsize)(quote - text));
				length -= (gsize)(second + 1 - text);
				text = second + 1;
			}
			extended = TRUE;
		}
		if (piece->extended)
			percent_decode(text, length, bytes);
		else
			g_byte_array_append(bytes, (const guint8 *)text, (guint)length);
	}
	g_hash_table_insert(
	    out, g_strdup(head->name),
	    extended ? charset_to_utf8((const char *)bytes->data, bytes->len, charset, NULL)
		     : charset_decode_header((const char *)bytes->data, bytes->len, charset));
	return i - first;
}

/* "name*1*" -> name, section, extended. A plain name sorts behind its RFC 2231 form. */
static void parameter_name(struct parameter *parameter, const char *text, gsize length)
{
	const char *star;

	parameter->name = g_ascii_strdown(text, (gssize)length);
	g_strstrip(parameter->name);
	star = strchr(parameter->name, '*');
	if (!star)
		return;
	parameter->extended = parameter->name[strlen(parameter->name) - 1] == '*';
	parameter->section = (guint)MIN(g_ascii_strtoull(star + 1, NULL, 10), 999);
	parameter->name[star - parameter->name] = '\0';
}

static const char *skip_comment(const char *p, const char *end)
{
	g_autoptr(GString) ignored = g_string_new(NULL);

	return scan_comment(p, end, ignored);
}

/* The value at `p` goes to the parameter; returns the place of the next ; or the end. */
static const char *parameter_value(const char *p, const char *end, struct parameter *parameter)
{
	GString *value = g_string_new(NULL);

	while (p < end && g_ascii_isspace(*p))
		p++;
	if (p < end && *p == '"') {
		for (p++; p < end && *p != '"'; p++) {
			/* Windows paths and GBK tails: a backslash escapes only " and itself. */
			if (*p == '\\' && p + 1 < end && (p[1] == '"' || p[1] == '\\'))
				p++;
			if (*p != '\r' && *p != '\n')
				g_string_append_c(value, *p);
		}
		while (p < end && *p != ';')
			p++;
	} else {
		for (; p < end && *p != ';'; p++) {
			if (*p == '(') {
				p = skip_comment(p, end) - 1;
				continue;
			}
			if (*p != '\r' && *p != '\n')
				g_string_append_c(value, *p);
		}
		while (value->len > 0 && g_ascii_isspace(value->str[value->len - 1]))
			g_string_truncate(value, value->len - 1);
	}
	parameter->length = value->len;
	parameter->value = g_string_free(value, FALSE);
	return p;
}

GHashTable *header_parameters(const char *value, gsize length, const char *label, char **main_out)
{
	GHashTable *out = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GArray) found = g_array_new(FALSE, TRUE, sizeof(struct parameter));
	const char *p = value, *end = value + MIN(length, CHARSET_HEADER_MAX);
	GString *first = g_string_new(NULL);

	g_array_set_clear_func(found, (GDestroyNotify)parameter_clear);
	for (; p < end && *p != ';'; p++) {
		if (*p == '(')
			p = skip_comment(p, end) - 1;
		else if (!g_ascii_isspace(*p))
			g_string_append_c(first, g_ascii_tolower(*p));
	}
	*main_out = charset_to_utf8(first->str, first->len, NULL, NULL);
	g_string_free(first, TRUE);
	while (p < end && found->len < HEADER_PARAMETERS_MAX) {
		struct parameter parameter = {0};
		const char *name;

		while (p < end && (*p == ';' || g_ascii_isspace(*p)))
			p++;
		for (name = p; p < end && *p != '=' && *p != ';'; p++)
			;
		if (p >= end || *p != '=')
			continue;
		parameter_name(&parameter, name, (gsize)(p - name));
		p = parameter_value(p + 1, end, &parameter);
		g_array_append_val(found, parameter);
	}
	g_array_sort(found, by_section);
	for (guint i = 0; i < found->len;)
		i += parameter_join(found, i, label, out);
	return out;
}

/* A year written with four digits is that year: "0026" is no 2026. */
static gboolean has_early_year(const char *value)
{
	for (const char *p = value; *p; p++) {
		gsize digits = strspn(p, "0123456789");

		if (digits == 4 && *p == '0' && p > value && (p[-1] == ' ' || p[-1] == '\t') &&
		    (p[4] == ' ' || p[4] == '\t'))
			return TRUE;
		p += digits ? digits - 1 : 0;
	}
	return FALSE;
}

GDateTime *header_date(const char *value)
{
	g_autoptr(GDateTime) date = NULL;

	if (!value || has_early_year(value))
		return NULL;
	date = g_mime_utils_header_decode_date(value);
	if (!date || g_date_time_get_year(date) < 1970 || g_date_time_get_year(date) > 2199)
		return NULL;
	return g_steal_pointer(&date);
}
