#include "base/charset.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

#define LABEL_MAX   40 /* a longer charset label is nonsense */
#define REPLACEMENT "\xef\xbf\xbd"

enum nature {
	NATURE_8BIT,    /* bytes above 127 decide */
	NATURE_ESCAPED, /* 7-bit bytes may mean other characters: the label goes first */
	NATURE_WIDE,    /* ASCII is not one byte a character: the label goes first */
	NATURE_HZ,
};

static const struct encoding {
	const char *name;   /* as iconv knows it */
	const char *labels; /* lower case, between spaces */
	enum nature nature;
} encodings[] = {
    {"UTF-8", " utf-8 utf8 unicode-1-1-utf-8 utf-8mb4 ", NATURE_8BIT},
    {"GB18030",
     " gb18030 gb2312 gbk cp936 x-gbk euc-cn euccn gb_2312-80 gb2312-80 chinese csgb2312 ms936 "
     "windows-936 gb_2312 gb-2312 gb-18030 x-euc-cn iso-ir-58 ",
     NATURE_8BIT},
    {"HZ", " hz hz-gb-2312 ", NATURE_HZ},
    {"BIG5-HKSCS", " big5 big-5 big5-hkscs cp950 x-x-big5 csbig5 cn-big5 windows-950 ",
     NATURE_8BIT},
    {"CP932", " shift_jis shift-jis sjis cp932 x-sjis windows-31j ms_kanji csshiftjis ",
     NATURE_8BIT},
    {"EUC-JP", " euc-jp x-euc-jp eucjp ", NATURE_8BIT},
    {"ISO-2022-JP-2", " iso-2022-jp iso-2022-jp-2 csiso2022jp ", NATURE_ESCAPED},
    {"ISO-2022-CN", " iso-2022-cn ", NATURE_ESCAPED},
    {"ISO-2022-KR", " iso-2022-kr ", NATURE_ESCAPED},
    {"CP949", " euc-kr ks_c_5601-1987 ks_c_5601 cp949 korean ksc5601 uhc windows-949 ",
     NATURE_8BIT},
    {"UTF-7", " utf-7 unicode-1-1-utf-7 ", NATURE_ESCAPED},
    {"UTF-16", " utf-16 utf16 unicode ucs-2 ", NATURE_WIDE},
    {"UTF-16LE", " utf-16le ", NATURE_WIDE},
    {"UTF-16BE", " utf-16be ", NATURE_WIDE},
    {"UTF-32", " utf-32 ucs-4 ", NATURE_WIDE},
    /* As browsers do: what calls itself Latin-1 is Windows' superset. */
    {"WINDOWS-1252", " iso-8859-1 iso8859-1 latin1 iso_8859-1 windows-1252 cp1252 l1 ",
     NATURE_8BIT},
    {"ISO-8859-2", " iso-8859-2 latin2 ", NATURE_8BIT},
    {"ISO-8859-3", " iso-8859-3 ", NATURE_8BIT},
    {"ISO-8859-4", " iso-8859-4 ", NATURE_8BIT},
    {"ISO-8859-5", " iso-8859-5 ", NATURE_8BIT},
    {"ISO-8859-6", " iso-8859-6 ", NATURE_8BIT},
    {"ISO-8859-7", " iso-8859-7 greek ", NATURE_8BIT},
    {"ISO-8859-8", " iso-8859-8 iso-8859-8-i hebrew ", NATURE_8BIT},
    {"ISO-8859-9", " iso-8859-9 ", NATURE_8BIT},
    {"ISO-8859-10", " iso-8859-10 ", NATURE_8BIT},
    {"ISO-8859-13", " iso-8859-13 ", NATURE_8BIT},
    {"ISO-8859-14", " iso-8859-14 ", NATURE_8BIT},
    {"ISO-8859-15", " iso-8859-15 latin-9 latin9 ", NATURE_8BIT},
    {"ISO-8859-16", " iso-8859-16 ", NATURE_8BIT},
    {"WINDOWS-1250", " windows-1250 cp1250 ", NATURE_8BIT},
    {"WINDOWS-1251", " windows-1251 cp1251 ", NATURE_8BIT},
    {"WINDOWS-1253", " windows-1253 cp1253 ", NATURE_8BIT},
    {"WINDOWS-1254", " windows-1254 cp1254 ", NATURE_8BIT},
    {"WINDOWS-1255", " windows-1255 cp1255 ", NATURE_8BIT},
    {"WINDOWS-1256", " windows-1256 cp1256 ", NATURE_8BIT},
    {"WINDOWS-1257", " windows-1257 cp1257 ", NATURE_8BIT},
    {"WINDOWS-1258", " windows-1258 cp1258 ", NATURE_8BIT},
    {"KOI8-R", " koi8-r koi8r ", NATURE_8BIT},
    {"KOI8-U", " koi8-u ", NATURE_8BIT},
    {"TIS-620", " tis-620 windows-874 iso-8859-11 ", NATURE_8BIT},
    {"IBM850", " ibm850 cp850 ", NATURE_8BIT},
    {"IBM437", " ibm437 cp437 ", NATURE_8BIT},
    {"MACINTOSH", " macintosh mac x-mac-roman ", NATURE_8BIT},
};

static const struct encoding *encoding_find(const char *label)
{
	char key[LABEL_MAX + 3];
	gsize n = 0;

	if (!label)
		return NULL;
	while (*label == ' ' || *label == '"' || *label == '\'')
		label++;
	key[n++] = ' ';
	for (; *label && *label != '*' && *label != ' ' && *label != '"' && *label != '\'';
	     label++) {
		if (n > LABEL_MAX)
			return NULL;
		key[n++] = g_ascii_tolower(*label);
	}
	if (n == 1)
		return NULL;
	key[n++] = ' ';
	key[n] = '\0';
	for (gsize i = 0; i < G_N_ELEMENTS(encodings); i++)
		if (strstr(encodings[i].labels, key))
			return &encodings[i];
	return NULL;
}

const char *charset_canonical(const char *label)
{
	const struct encoding *encoding = encoding_find(label);

	return encoding ? encoding->name : NULL;
}

void charset_preload(void)
{
	static iconv_t kept[G_N_ELEMENTS(encodings)];
	static gsize done;

	if (!g_once_init_enter(&done))
		return;
	for (gsize i = 0; i < G_N_ELEMENTS(encodings); i++)
		if (encodings[i].nature != NATURE_HZ)
			kept[i] = iconv_open("UTF-8", encodings[i].name);
	(void)kept;
	g_once_init_leave(&done, 1);
}

/* Valid UTF-8 except for NUL, which JSON in PostgreSQL refuses. */
static gboolean is_utf8(const char *bytes, gsize length)
{
	return g_utf8_validate_len(bytes, length, NULL);
}

/* Copies UTF-8, putting U+FFFD for each wrong byte; counts wrong and multi-byte characters. */
static char *repair_utf8(const char *bytes, gsize length, gsize *wrong_out, gsize *right_out)
{
	GString *out = g_string_sized_new(length + 1);
	const char *end = bytes + length;

	*wrong_out = *right_out = 0;
	while (bytes < end) {
		const char *stop;

		g_utf8_validate_len(bytes, (gsize)(end - bytes), &stop);
		for (const char *p = bytes; p < stop; p++)
			*right_out += ((guchar)*p & 0xC0) == 0xC0;
		g_string_append_len(out, bytes, stop - bytes);
		bytes = stop;
		if (bytes < end) {
			g_string_append(out, REPLACEMENT);
			(*wrong_out)++;
			bytes++;
		}
	}
	return g_string_free(out, FALSE);
}

/* By iconv; a byte that cannot be is counted and becomes U+FFFD. NULL when iconv lacks `name`. */
static char *convert(const char *name, const char *bytes, gsize length, gsize *wrong_out,
		     gsize *right_out)
{
	iconv_t cd = iconv_open("UTF-8", name);
	GString *out;
	char buffer[8192];
	char *in = (char *)(guintptr)bytes; /* iconv does not write there */
	gsize left = length;

	*wrong_out = *right_out = 0;
	if (cd == (iconv_t)-1)
		return NULL;
	out = g_string_sized_new(length * 2 + 1);
	while (left > 0) {
		char *to = buffer;
		gsize room = sizeof buffer;
		gsize result = iconv(cd, &in, &left, &to, &room);
		int error = errno;

		g_string_append_len(out, buffer, (gssize)(sizeof buffer - room));
		if (result != (gsize)-1 || error == E2BIG)
			continue;
		g_string_append(out, REPLACEMENT);
		(*wrong_out)++;
		if (error != EILSEQ)
			break; /* a character cut at the end */
		in++;
		left--;
	}
	iconv_close(cd);
	for (gsize i = 0; i < out->len; i++) {
		*right_out += ((guchar)out->str[i] & 0xC0) == 0xC0;
		if (out->str[i] == '\0')
			out->str[i] = ' ';
	}
	*right_out -= MIN(*right_out, *wrong_out);
	return g_string_free(out, FALSE);
}

/* HZ (RFC 1843) by setting the high bits of what stands between ~{ and ~}. */
static char *convert_hz(const char *bytes, gsize length)
{
	g_autofree char *plain = g_malloc(length + 1);
	gsize n = 0, wrong, right;
	gboolean chinese = FALSE;

	for (gsize i = 0; i < length; i++) {
		if (bytes[i] == '~' && i + 1 < length) {
			char next = bytes[i + 1];

			if (next == '{' || next == '}') {
				chinese = next == '{';
				i++;
				continue;
			}
			if (!chinese && (next == '~' || next == '\n')) {
				if (next == '~')
					plain[n++] = '~';
				i++;
				continue;
			}
		}
		if (bytes[i] == '\n')
			chinese = FALSE; /* a line always begins in ASCII */
		if (chinese && (guchar)bytes[i] > 0x20)
			plain[n++] = (char)((guchar)bytes[i] | 0x80);
		else
			plain[n++] = bytes[i] ? bytes[i] : ' ';
	}
	return convert("GB18030", plain, n, &wrong, &right);
}

/* Whether every run of high bytes is made of GB2312 pairs, two at least: no Latin text is. */
static gboolean looks_gb2312(const char *bytes, gsize length)
{
	gsize pairs = 0;

	for (gsize i = 0; i < length; i++) {
		guchar lead = (guchar)bytes[i];

		if (lead < 0x80)
			continue;
		if (i + 1 >= length || lead < 0xA1 || lead > 0xF7 || (guchar)bytes[i + 1] < 0xA1)
			return FALSE;
		pairs++;
		i++;
	}
	return pairs >= 2;
}

/* Whether high bytes stand alone between letters: accents of a European language. GB2312 text has
 * them in pairs, and the rest of GB18030 is too rare to stand without them. */
static gboolean looks_latin(const char *bytes, gsize length)
{
	gboolean any = FALSE;

	for (gsize i = 0; i < length; i++) {
		if ((guchar)bytes[i] < 0x80)
			continue;
		if ((i + 1 < length && (guchar)bytes[i + 1] >= 0x80) ||
		    !((i > 0 && g_ascii_isalpha(bytes[i - 1])) ||
		      (i + 1 < length && g_ascii_isalpha(bytes[i + 1]))))
			return FALSE;
		any = TRUE;
	}
	return any;
}

static gboolean is_ascii(const char *bytes, gsize length)
{
	for (gsize i = 0; i < length; i++)
		if ((guchar)bytes[i] >= 0x80 || bytes[i] == '\0')
			return FALSE;
	return TRUE;
}

/* Bytes that are not UTF-8, with a label that says nothing useful. */
static char *convert_guessed(const char *bytes, gsize length, gboolean labelled_utf8,
			     const char **used_out)
{
	gsize wrong, right, gb_wrong, gb_right;
	g_autofree char *utf8 = repair_utf8(bytes, length, &wrong, &right);
	g_autofree char *gb = NULL;

	/* UTF-8 with a few damaged places stays UTF-8. */
	if (right > wrong * (labelled_utf8 ? 1 : 4)) {
		*used_out = "UTF-8";
		return g_steal_pointer(&utf8);
	}
	if (!looks_latin(bytes, length))
		gb = convert("GB18030", bytes, length, &gb_wrong, &gb_right);
	if (gb && gb_wrong <= 1 + gb_right / 8 && gb_right > gb_wrong) {
		*used_out = "GB18030";
		return g_steal_pointer(&gb);
	}
	g_free(gb);
	*used_out = "WINDOWS-1252";
	gb = convert("WINDOWS-1252", bytes, length, &gb_wrong, &gb_right);
	return gb ? g_steal_pointer(&gb) : g_steal_pointer(&utf8);
}

/* Eight-bit bytes under the label of a seven-bit encoding: another one of the same language, when
 * all of them are in it. */
static char *convert_sister(const char *name, const char *bytes, gsize length,
			    const char **used_out)
{
	static const struct {
		const char *labelled, *sister;
	} sisters[] = {
	    {"ISO-2022-JP-2", "EUC-JP"}, {"ISO-2022-JP-2", "CP932"}, {"ISO-2022-KR", "CP949"}};

	for (gsize i = 0; i < G_N_ELEMENTS(sisters); i++) {
		gsize wrong, right;
		char *text;

		if (strcmp(sisters[i].labelled, name) != 0)
			continue;
		text = convert(sisters[i].sister, bytes, length, &wrong, &right);
		if (text && wrong == 0) {
			*used_out = sisters[i].sister;
			return text;
		}
		g_free(text);
	}
	return NULL;
}

static char *decode(const char *bytes, gsize length, const char *label, const char **used_out)
{
	const struct encoding *encoding = encoding_find(label);
	enum nature nature = encoding ? encoding->nature : NATURE_8BIT;
	gsize wrong, right;
	char *text;

	*used_out = "UTF-8";
	if (length >= 2 &&
	    (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0)) {
		*used_out = "UTF-16"; /* a byte order mark says more than any label */
		text = convert("UTF-16", bytes, length, &wrong, &right);
		if (text && wrong == 0)
			return text;
		g_free(text);
	}
	if (nature == NATURE_HZ) {
		*used_out = "HZ";
		return convert_hz(bytes, length);
	}
	if (encoding && nature != NATURE_8BIT) {
		text = convert(encoding->name, bytes, length, &wrong, &right);
		*used_out = encoding->name;
		if (text && (wrong == 0 || right > wrong * 4))
			return text;
		g_free(text);
	}
	*used_out = "UTF-8";
	if (is_ascii(bytes, length) || is_utf8(bytes, length))
		return g_strndup(bytes, length);
	text = encoding && nature == NATURE_ESCAPED
		   ? convert_sister(encoding->name, bytes, length, used_out)
		   : NULL;
	if (text)
		return text;
	if (encoding && nature == NATURE_8BIT && strcmp(encoding->name, "UTF-8") != 0 &&
	    !(strcmp(encoding->name, "WINDOWS-1252") == 0 && looks_gb2312(bytes, length))) {
		text = convert(encoding->name, bytes, length, &wrong, &right);
		*used_out = encoding->name;
		if (text && wrong <= 1 + right / 4)
			return text;
		g_free(text);
	}
	return convert_guessed(bytes, length, encoding && strcmp(encoding->name, "UTF-8") == 0,
			       used_out);
}

char *charset_to_utf8(const char *bytes, gsize length, const char *label, const char **used_out)
{
	const char *used = "UTF-8";
	char *text = length ? decode(bytes, length, label, &used) : g_strdup("");

	if (!text)
		text = g_strdup("");
	if (g_str_has_prefix(text, "\xef\xbb\xbf"))
		memmove(text, text + 3, strlen(text + 3) + 1);
	for (char *p = text; *p; p++) {
		if (((guchar)*p < 0x20 && *p != '\t' && *p != '\n' && *p != '\r') || *p == 0x7f)
			*p = ' ';
		else if ((guchar)p[0] == 0xc2 && (guchar)p[1] >= 0x80 && (guchar)p[1] < 0xa0)
			p[0] = p[1] = ' '; /* U+0080 to 009F: some terminals obey them */
	}
	if (used_out)
		*used_out = used;
	return text;
}

char *charset_by_label(const char *bytes, gsize length, const char *label)
{
	const struct encoding *encoding = encoding_find(label);
	gsize wrong, right;
	g_autofree char *text = encoding && encoding->nature != NATURE_HZ
				    ? convert(encoding->name, bytes, length, &wrong, &right)
				    : NULL;

	if (!text)
		return charset_to_utf8(bytes, length, label, NULL);
	return charset_to_utf8(text, strlen(text), "utf-8", NULL);
}

void charset_base64_decode(const char *text, gsize length, GByteArray *out)
{
	guint bits = 0, have = 0;

	for (gsize i = 0; i < length; i++) {
		guchar c = (guchar)text[i], byte;
		guint value;

		if (c >= 'A' && c <= 'Z')
			value = c - 'A';
		else if (c >= 'a' && c <= 'z')
			value = c - 'a' + 26U;
		else if (c >= '0' && c <= '9')
			value = c - '0' + 52U;
		else if (c == '+' || c == '-')
			value = 62;
		else if (c == '/' || c == '_')
			value = 63;
		else if (c == '=')
			break;
		else
			continue;
		bits = bits << 6 | value;
		have += 6;
		if (have >= 8) {
			have -= 8;
			byte = (guchar)(bits >> have);
			g_byte_array_append(out, &byte, 1);
			bits &= (1U << have) - 1;
		}
	}
}

static void quoted_decode(const char *text, gsize length, GByteArray *out)
{
	for (gsize i = 0; i < length; i++) {
		guchar byte = (guchar)text[i];

		if (byte == '_')
			byte = ' ';
		else if (byte == '=' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) &&
			 g_ascii_isxdigit(text[i + 2])) {
			byte = (guchar)(g_ascii_xdigit_value(text[i + 1]) << 4 |
					g_ascii_xdigit_value(text[i + 2]));
			i += 2;
		}
		g_byte_array_append(out, &byte, 1);
	}
}

/* An encoded-word: =?charset?B?text?= */
struct word {
	char charset[LABEL_MAX + 1];
	gboolean base64;
	const char *text;
	gsize length;
	const char *end; /* behind ?= */
};

static gboolean word_parse(const char *at, const char *end, struct word *word_out)
{
	const char *charset = at + 2, *mark, *text, *p;

	if (end - at < 8 || at[0] != '=' || at[1] != '?')
		return FALSE;
	mark = memchr(charset, '?', (gsize)(end - charset));
	if (!mark || mark == charset || mark - charset > LABEL_MAX || end - mark < 5 ||
	    mark[2] != '?' || !strchr("bBqQ", mark[1]))
		return FALSE;
	text = mark + 3;
	for (p = text; p + 1 < end; p++) {
		if (*p == '?' && p[1] == '=')
			break;
		if (*p == '=' && p[1] == '?' && p + 2 < end && p[2] != '=')
			return FALSE; /* another word begins: this one never ended */
	}
	if (p + 1 >= end)
		return FALSE;
	memcpy(word_out->charset, charset, (gsize)(mark - charset));
	word_out->charset[mark - charset] = '\0';
	if (strchr(word_out->charset, '*'))
		*strchr(word_out->charset, '*') = '\0'; /* RFC 2231 language */
	word_out->base64 = mark[1] == 'b' || mark[1] == 'B';
	word_out->text = text;
	word_out->length = (gsize)(p - text);
	word_out->end = p + 2;
	return TRUE;
}

static void flush(GString *out, GByteArray *bytes, const char *label)
{
	g_autofree char *text = NULL;

	if (bytes->len == 0)
		return;
	text = charset_to_utf8((const char *)bytes->data, bytes->len, label, NULL);
	g_string_append(out, text);
	g_byte_array_set_size(bytes, 0);
}

/* Folds are undone and control characters become spaces. */
static char *unfold(const char *value, gsize length, gsize *length_out)
{
	char *text = g_malloc(length + 1);
	gsize n = 0;

	for (gsize i = 0; i < length; i++) {
		char c = value[i];

		if (c == '\r' || c == '\n')
			continue;
		text[n++] = ((guchar)c < 0x20 && c != 0x1b && c != '\t') || c == 0x7f ? ' ' : c;
	}
	while (n > 0 && g_ascii_isspace(text[n - 1]))
		n--;
	text[n] = '\0';
	*length_out = n;
	return text;
}

char *charset_decode_header(const char *value, gsize length, const char *label)
{
	gsize n;
	g_autofree char *plain = unfold(value, MIN(length, CHARSET_HEADER_MAX), &n);
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	GString *out = g_string_sized_new(n);
	const char *p = plain, *end = plain + n;
	char charset[LABEL_MAX + 1] = "";
	gboolean in_words = FALSE;
	struct word word;

	while (p < end && g_ascii_isspace(*p))
		p++;
	while (p < end) {
		const char *next;

		if (*p == '=' && word_parse(p, end, &word)) {
			if (!in_words || g_ascii_strcasecmp(charset, word.charset) != 0)
				flush(out, bytes, in_words ? charset : label);
			in_words = TRUE;
			g_strlcpy(charset, word.charset, sizeof charset);
			if (word.base64)
				charset_base64_decode(word.text, word.length, bytes);
			else
				quoted_decode(word.text, word.length, bytes);
			p = word.end;
			/* White space between two words means nothing. */
			for (next = p; next < end && g_ascii_isspace(*next); next++)
				;
			if (next < end && *next == '=' && word_parse(next, end, &word))
				p = next;
			continue;
		}
		if (in_words)
			flush(out, bytes, charset);
		in_words = FALSE;
		for (next = p + 1; next < end && !(*next == '=' && next[1] == '?'); next++)
			;
		g_byte_array_append(bytes, (const guint8 *)p, (guint)(next - p));
		p = next;
	}
	flush(out, bytes, in_words ? charset : label);
	/* A decoded word may hold line ends: a header is one line. */
	for (gsize i = 0; i < out->len; i++)
		if ((guchar)out->str[i] < 0x20 || out->str[i] == 0x7f)
			out->str[i] = ' ';
	return g_string_free(out, FALSE);
}

gboolean charset_is_control(gunichar character)
{
	return g_unichar_iscntrl(character) || character == 0x61c || character == 0x200e ||
	       character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
	       (character >= 0x2066 && character <= 0x2069);
}

char *charset_line(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GString *line = g_string_sized_new(strlen(valid));

	for (const char *c = valid; *c; c = g_utf8_next_char(c)) {
		gunichar character = g_utf8_get_char(c);

		g_string_append_unichar(line, charset_is_control(character) ? ' ' : character);
	}
	return g_string_free(line, FALSE);
}
