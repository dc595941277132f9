#include "base/language.h"

#include "base/error.h"

#include <locale.h>
#include <string.h>

/* Messages with places that are kept, or come from functions of the schema (there % alone). */
static const char *const sentences[] = {
    /* collector/fetch.c */
    N_("larger than 100 MB (%u MB): only its beginning is here, the whole is where it was found"),
    /* collector/reader.c, child.c */
    N_("the process that reads messages gave back no record (%s)"),
    N_("the message broke the process that read it (%s)"),
    N_("the message has %lu bytes, more than %u"),
    N_("reading the message took longer than %u s"),
    N_("exit code %d"),
    N_("signal %d"),
    N_("it took more than %u s of computing"),
    N_("it needed more than %u MB of memory, or gave up"),
    N_("cannot start the process that reads messages: %s"),
    /* collector/pdf.c, archive.c */
    N_("the PDF has more than %u MB"),
    N_("%s is absent: install poppler-utils"),
    N_("pdftotext cannot read the PDF (%s)"),
    N_("reading the PDF took longer than %u s"),
    N_("the archive has more than %u files"),
    /* db/schema/05*.sql */
    N_("no active account %s"),
    N_("account %s may not act as %s"),
    N_("the calendar does not reach %s working days after %s"),
    N_("message %s holds the same bytes, and is %s already"),
    N_("message %s cannot be filed: it is %s"),
    N_("message %s cannot become %s: it is %s"),
    N_("opinion %s cannot be assigned: it is %s"),
    N_("opinion %s cannot become %s: it is %s"),
    N_("opinion %s cannot be declined: it is %s"),
    N_("opinion %s cannot be handed over: it is %s"),
    N_("opinion %s has been handed to department %s"),
    N_("opinion %s does not concern department %s any more"),
    N_("rectification %s cannot be handed over: it is %s"),
    N_("rectification %s is %s: it cannot become %s"),
    N_("no rectification %s"),
    N_("no letter %s"),
};

/* GNU gettext follows LANGUAGE in every locale but "C", in which it says what it is given. */
void language_begin(gboolean english)
{
	g_setenv("LANGUAGE", "zh_CN", TRUE);
	/* where the system has no such locale */
	if (!setlocale(LC_ALL, "") || strcmp(setlocale(LC_MESSAGES, NULL), "C") == 0)
		setlocale(LC_ALL, "C.UTF-8");
	if (english)
		setlocale(LC_MESSAGES, "C");
	setlocale(LC_NUMERIC, "C");
}

static gpointer make_locale(gpointer messages)
{
	return newlocale(LC_MESSAGES_MASK, messages, duplocale(LC_GLOBAL_LOCALE));
}

void language_use(const char *language)
{
	static GOnce chinese = G_ONCE_INIT, english = G_ONCE_INIT;
	static char names[][8] = {"C.UTF-8", "C"};

	uselocale(strcmp(language, "en") == 0 ? g_once(&english, make_locale, names[1])
					      : g_once(&chinese, make_locale, names[0]));
}

/* The next place, "%s" or "%lu", of a sentence; its length, or 0 at the end. */
static gsize next_place(const char *sentence, const char **place_out)
{
	const char *place = strchr(sentence, '%');

	*place_out = place ? place : sentence + strlen(sentence);
	return place ? strspn(place + 1, "l") + 2 : 0;
}

/* What stands at the places of `sentence` in `text`; NULL when the text is not that sentence. */
static GPtrArray *filled_in(const char *sentence, const char *text)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	const char *place;
	gsize size = next_place(sentence, &place);

	if (strncmp(text, sentence, (gsize)(place - sentence)) != 0)
		return NULL;
	text += place - sentence;
	while (size) {
		const char *after = place + size;
		g_autofree char *between = NULL;
		const char *end;

		size = next_place(after, &place);
		between = g_strndup(after, (gsize)(place - after));
		if (size)
			end = strstr(text, between);
		else
			end = g_str_has_suffix(text, between)
				  ? text + strlen(text) - strlen(between)
				  : NULL;
		if (!end)
			return NULL;
		g_ptr_array_add(found, g_strndup(text, (gsize)(end - text)));
		text = end + strlen(between);
	}
	return *text ? NULL : g_steal_pointer(&found);
}

static char *fill_in(const char *sentence, const GPtrArray *parts)
{
	GString *out = g_string_new(NULL);
	const char *place;
	gsize size = next_place(sentence, &place);

	for (guint i = 0; size && i < parts->len; i++) {
		g_autofree char *part = language_kept(parts->pdata[i]);

		g_string_append_len(out, sentence, place - sentence);
		g_string_append(out, part);
		sentence = place + size;
		size = next_place(sentence, &place);
	}
	g_string_append(out, sentence);
	return g_string_free(out, FALSE);
}

char *language_kept(const char *text)
{
	const char *said = *text ? gettext(text) : text;

	if (said != text)
		return g_strdup(said);
	for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++) {
		g_autoptr(GPtrArray) parts = filled_in(sentences[i], text);

		if (parts)
			return fill_in(gettext(sentences[i]), parts);
	}
	return g_strdup(text);
}
