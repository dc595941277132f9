#include "collector/rtf.h"

#include "base/charset.h"
#include "base/error.h"
#include "collector/html.h"

#include <stdlib.h>
#include <string.h>

#define FONTS_MAX 256
#define WORD_MAX  32 /* bytes of a control word */

/* What a group hands down to the groups within it. */
struct group {
	gboolean skip;     /* its text is not shown: fonts, pictures, what readers may ignore */
	gboolean fonts;    /* it is the table of fonts */
	gboolean html_tag; /* its text is a piece of HTML */
	gboolean rtf_only; /* \htmlrtf: what stands for readers that know no HTML */
	int font;
	int after_unicode; /* \uc: characters that stand for a \u and are passed over */
};

struct rtf {
	const char *at, *end;
	struct group groups[RTF_DEPTH_MAX + 1];
	guint depth;
	guint too_deep; /* groups open beyond them */
	int pass_over;  /* characters left of those */
	int code_page;  /* \ansicpg */
	int of_font[FONTS_MAX];
	gboolean from_html;
	gboolean optional; /* \* stood before */
	gunichar high;     /* the first half of a pair */
	GString *bytes;    /* text that is not decoded yet */
	int bytes_page;
	GString *out;
};

static struct group *group(struct rtf *rtf)
{
	return &rtf->groups[rtf->depth];
}

/* The code page of \fcharset; 0: the document's own. */
static int charset_page(int charset)
{
	switch (charset) {
	case 128:
		return 932;
	case 129:
		return 949;
	case 134:
		return 936;
	case 136:
		return 950;
	case 204:
		return 1251;
	default:
		return 0;
	}
}

static const char *page_label(int page)
{
	static const struct {
		int page;
		const char *label;
	} pages[] = {{936, "gb18030"},       {950, "big5"},         {932, "shift_jis"},
		     {949, "euc-kr"},        {65001, "utf-8"},      {1250, "windows-1250"},
		     {1251, "windows-1251"}, {1252, "windows-1252"}};

	for (gsize i = 0; i < G_N_ELEMENTS(pages); i++)
		if (pages[i].page == page)
			return pages[i].label;
	return NULL;
}

static void flush(struct rtf *rtf)
{
	g_autofree char *text = NULL;

	if (rtf->bytes->len == 0)
		return;
	text = charset_by_label(rtf->bytes->str, rtf->bytes->len, page_label(rtf->bytes_page));
	g_string_append(rtf->out, text);
	g_string_truncate(rtf->bytes, 0);
}

static gboolean is_shown(struct rtf *rtf)
{
	const struct group *now = group(rtf);

	return rtf->too_deep == 0 && !now->skip && (now->html_tag || !now->rtf_only) &&
	       rtf->out->len + rtf->bytes->len < RTF_TEXT_MAX;
}

static void add_byte(struct rtf *rtf, char byte)
{
	int font = group(rtf)->font;
	int page = font >= 0 && font < FONTS_MAX && rtf->of_font[font] ? rtf->of_font[font]
								       : rtf->code_page;

	if (rtf->pass_over > 0) {
		rtf->pass_over--;
		return;
	}
	if (!is_shown(rtf))
		return;
	if (page != rtf->bytes_page)
		flush(rtf);
	rtf->bytes_page = page;
	g_string_append_c(rtf->bytes, byte);
}

static void add_text(struct rtf *rtf, const char *text)
{
	if (!is_shown(rtf))
		return;
	flush(rtf);
	g_string_append(rtf->out, text);
}

/* \u: a signed number of 16 bits; characters beyond come as two. */
static void add_unicode(struct rtf *rtf, int number)
{
	gunichar character = (gunichar)number & 0xffff;

	rtf->pass_over = group(rtf)->after_unicode;
	if (character >= 0xd800 && character < 0xdc00) {
		rtf->high = character;
		return;
	}
	if (character >= 0xdc00 && character < 0xe000)
		character = rtf->high
				? 0x10000 + ((rtf->high - 0xd800) << 10) + (character - 0xdc00)
				: 0xfffd;
	rtf->high = 0;
	if (character < ' ')
		character = ' ';
	if (!is_shown(rtf))
		return;
	flush(rtf);
	g_string_append_unichar(rtf->out, character);
}

static gboolean is_destination(const char *word)
{
	static const char *const hidden[] = {
	    "colortbl", "stylesheet", "info",    "pict",   "object",    "header",   "footer",
	    "fldinst",  "listtable",  "filetbl", "revtbl", "themedata", "datastore"};

	for (gsize i = 0; i < G_N_ELEMENTS(hidden); i++)
		if (strcmp(word, hidden[i]) == 0)
			return TRUE;
	return FALSE;
}

static void set_font(struct rtf *rtf, const char *word, int number)
{
	struct group *now = group(rtf);

	if (strcmp(word, "f") == 0)
		now->font = number;
	else if (now->fonts && now->font >= 0 && now->font < FONTS_MAX)
		rtf->of_font[now->font] = charset_page(number);
}

/* Words that stand for text. */
static gboolean text_word(struct rtf *rtf, const char *word)
{
	static const char *const texts[][2] = {
	    {"par", "\n"},      {"line", "\n"},  {"tab", "\t"},    {"cell", "\t"},
	    {"row", "\n"},      {"sect", "\n"},  {"page", "\n"},   {"emdash", "—"},
	    {"endash", "–"},    {"lquote", "‘"}, {"rquote", "’"},  {"ldblquote", "“"},
	    {"rdblquote", "”"}, {"bullet", "•"}, {"emspace", " "}, {"enspace", " "},
	};

	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		if (strcmp(word, texts[i][0]) == 0) {
			add_text(rtf, texts[i][1]);
			return TRUE;
		}
	return FALSE;
}

static void control_word(struct rtf *rtf, const char *word, gboolean has_number, int number)
{
	struct group *now = group(rtf);
	gboolean optional = rtf->optional;

	rtf->optional = FALSE;
	if (optional && strcmp(word, "htmltag") == 0)
		now->html_tag = TRUE;
	else if (optional || is_destination(word))
		now->skip = TRUE;
	else if (strcmp(word, "fonttbl") == 0)
		now->fonts = now->skip = TRUE;
	else if (strcmp(word, "u") == 0)
		add_unicode(rtf, number);
	else if (strcmp(word, "uc") == 0)
		now->after_unicode = CLAMP(number, 0, 8);
	else if (strcmp(word, "f") == 0 || strcmp(word, "fcharset") == 0)
		set_font(rtf, word, number);
	else if (strcmp(word, "ansicpg") == 0)
		rtf->code_page = number;
	else if (strcmp(word, "fromhtml") == 0)
		rtf->from_html = TRUE;
	else if (strcmp(word, "htmlrtf") == 0)
		now->rtf_only = !has_number || number != 0;
	else if (!text_word(rtf, word) && strcmp(word, "bin") == 0 && number > 0)
		rtf->at += MIN((gsize)number, (gsize)(rtf->end - rtf->at));
}

/* A word of letters and perhaps a number; one space behind belongs to it. */
static void read_word(struct rtf *rtf)
{
	char word[WORD_MAX + 1] = "";
	char digits[12] = "";
	gsize n = 0, d = 0;

	for (; rtf->at < rtf->end && g_ascii_isalpha(*rtf->at); rtf->at++)
		if (n < WORD_MAX)
			word[n++] = *rtf->at;
	for (; rtf->at < rtf->end && (g_ascii_isdigit(*rtf->at) || (d == 0 && *rtf->at == '-'));
	     rtf->at++)
		if (d < 9)
			digits[d++] = *rtf->at;
	if (rtf->at < rtf->end && *rtf->at == ' ')
		rtf->at++;
	control_word(rtf, word, d > 0, atoi(digits));
}

static void read_sign(struct rtf *rtf)
{
	char sign = *rtf->at++;

	if (sign == '\'' && rtf->end - rtf->at >= 2) {
		int high = g_ascii_xdigit_value(rtf->at[0]), low = g_ascii_xdigit_value(rtf->at[1]);

		rtf->at += 2;
		if (high >= 0 && low >= 0)
			add_byte(rtf, (char)(high << 4 | low));
	} else if (sign == '*') {
		rtf->optional = TRUE;
	} else if (sign == '~') {
		add_byte(rtf, ' ');
	} else if (sign == '_') {
		add_byte(rtf, '-');
	} else if (sign == '\n' || sign == '\r') {
		add_text(rtf, "\n");
	} else if (strchr("\\{}", sign)) {
		add_byte(rtf, sign);
	}
}

static void open_group(struct rtf *rtf)
{
	rtf->pass_over = 0;
	if (rtf->depth >= RTF_DEPTH_MAX) {
		rtf->too_deep++;
		return;
	}
	rtf->groups[rtf->depth + 1] = rtf->groups[rtf->depth];
	rtf->depth++;
}

static void close_group(struct rtf *rtf)
{
	rtf->pass_over = 0;
	rtf->optional = FALSE;
	if (rtf->too_deep > 0)
		rtf->too_deep--;
	else if (rtf->depth > 0)
		rtf->depth--;
}

static void read_all(struct rtf *rtf)
{
	while (rtf->at < rtf->end) {
		char c = *rtf->at++;

		if (c == '{')
			open_group(rtf);
		else if (c == '}')
			close_group(rtf);
		else if (c == '\\' && rtf->at < rtf->end && g_ascii_isalpha(*rtf->at))
			read_word(rtf);
		else if (c == '\\' && rtf->at < rtf->end)
			read_sign(rtf);
		else if (c != '\r' && c != '\n' && c != '\0')
			add_byte(rtf, c);
	}
	flush(rtf);
}

char *rtf_to_text(const char *bytes, gsize size)
{
	g_autofree struct rtf *rtf = g_new0(struct rtf, 1);
	g_autofree char *html = NULL;
	g_autofree char *marked = NULL;

	rtf->at = bytes;
	rtf->end = bytes + MIN(size, RTF_SOURCE_MAX);
	rtf->groups[0].after_unicode = 1;
	rtf->bytes = g_string_new(NULL);
	rtf->out = g_string_new(NULL);
	read_all(rtf);
	g_string_free(rtf->bytes, TRUE);
	if (!rtf->from_html)
		return g_strstrip(g_string_free(rtf->out, FALSE));
	html = g_string_free(rtf->out, FALSE);
	marked = html_to_text(html, strlen(html));
	return html_unmark(marked);
}

/* --- packed --------------------------------------------------------------------------------- */

#define WINDOW      4096u
#define PACKED_HEAD 16u
#define PACKED      0x75465a4cu /* "LZFu" */
#define NOT_PACKED  0x414c454du /* "MELA" */

/* What the window holds before the first byte (MS-OXRTFCP 2.1.2.1). */
static const char beginning[] = "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}"
				"{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
				"MS Sans SerifSymbolArialTimes New RomanCourier"
				"{\\colortbl\\red0\\green0\\blue0\r\n\\par "
				"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

struct window {
	guint8 bytes[WINDOW];
	guint write;
	GByteArray *out;
};

static void put(struct window *window, guint8 byte)
{
	window->bytes[window->write] = byte;
	window->write = (window->write + 1) % WINDOW;
	g_byte_array_append(window->out, &byte, 1);
}

/* Eight tokens and the byte that says what they are; FALSE at the end. */
static gboolean put_run(struct window *window, const guint8 **at, const guint8 *end)
{
	guint8 control = *(*at)++;

	for (guint bit = 0; bit < 8; bit++) {
		guint from, length;

		if (!(control & 1 << bit)) {
			if (*at >= end)
				return FALSE;
			put(window, *(*at)++);
			continue;
		}
		if (end - *at < 2)
			return FALSE;
		from = (guint)((*at)[0] << 4 | (*at)[1] >> 4);
		length = ((*at)[1] & 15u) + 2;
		*at += 2;
		if (from == window->write)
			return FALSE;
		for (guint i = 0; i < length; i++)
			put(window, window->bytes[(from + i) % WINDOW]);
	}
	return window->out->len <= RTF_SOURCE_MAX;
}

GBytes *rtf_unpack(const guint8 *bytes, gsize size, GError **error)
{
	g_autofree struct window *window = g_new0(struct window, 1);
	const guint8 *at = bytes + PACKED_HEAD, *end = bytes + size;
	guint32 kind;

	if (size <= PACKED_HEAD)
		goto broken;
	memcpy(&kind, bytes + 8, sizeof kind);
	kind = GUINT32_FROM_LE(kind);
	if (kind == NOT_PACKED)
		return g_bytes_new(at, MIN(size - PACKED_HEAD, RTF_SOURCE_MAX));
	if (kind != PACKED)
		goto broken;
	memcpy(window->bytes, beginning, sizeof beginning - 1);
	window->write = sizeof beginning - 1;
	window->out = g_byte_array_new();
	while (at < end && put_run(window, &at, end))
		;
	if (window->out->len <= RTF_SOURCE_MAX)
		return g_byte_array_free_to_bytes(window->out);
	g_byte_array_unref(window->out);
broken:
	g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("the packed text is broken or too long"));
	return NULL;
}
