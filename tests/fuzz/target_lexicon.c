/*
 * The lexicon's reader, and sorting by what it read. The first byte tells what the others are: t
 * what stands in a target of a lexicon that is otherwise usual, else a whole file.
 */
#include "classifier/classifier.h"
#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <string.h>

#define TEXT_MAX 4096 /* bytes that are sorted */

static const char head[] = "<lexicon xmlns=\"urn:pingyi:lexicon\" version=\"1\"><target no=\"1\" "
			   "code=\"d01\"><name>A</name>";
static const char tail[] = "</target></lexicon>";

static void see_term(const struct lexicon *lexicon, const struct term *term)
{
	fuzz_require_utf8(term->text, "a word is UTF-8");
	fuzz_require(term->text && *term->text, "a word is not empty");
	fuzz_require(isfinite(term->weight) && term->weight > 0 && term->weight <= 100,
		     "a weight has its bounds");
	fuzz_require(term->target < lexicon->targets->len, "a word has a target");
	fuzz_require(!term->from || !term->until || strcmp(term->from, term->until) <= 0,
		     "a name ends after it begins");
}

static void see_reasons(const struct classified *one, const struct sorted *sorted)
{
	gsize size = strlen(one->text);

	for (guint i = 0; i < sorted->reasons->len; i++) {
		const struct reason *reason = &g_array_index(sorted->reasons, struct reason, i);

		fuzz_require(reason->start < reason->end && reason->end <= size,
			     "a reason stands in the opinion");
		fuzz_require_utf8(reason->word, "a reason is UTF-8");
	}
}

static void sort(const struct lexicon *lexicon, const char *text)
{
	g_autoptr(classifier_handle) classifier = classifier_new(lexicon);
	g_autoptr(GPtrArray) opinions = classifier_opinions(classifier, text, NULL);

	fuzz_require(opinions->len > 0 && opinions->len <= CLASSIFIER_OPINIONS_MAX,
		     "opinions have their bound");
	for (guint i = 0; i < opinions->len; i++) {
		const struct classified *one = g_ptr_array_index(opinions, i);

		fuzz_require_utf8(one->text, "an opinion is UTF-8");
		for (guint k = 0; k < one->departments->len; k++)
			see_reasons(one, g_ptr_array_index(one->departments, k));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	gsize part = size && data[0] == 't' ? 1 : 0;
	g_autoptr(GString) xml = g_string_new(part ? head : NULL);
	g_autoptr(lexicon_handle) lexicon = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	g_autoptr(GError) error = NULL;

	g_string_append_len(xml, (const char *)data + part, (gssize)(size - part));
	if (part)
		g_string_append(xml, tail);
	lexicon = lexicon_parse("l.xml", xml->str, xml->len, &error);
	fuzz_require(!lexicon == !!error, "what is not read has its reason");
	if (!lexicon)
		return 0;
	for (guint i = 0; i < lexicon->terms->len; i++) {
		const struct term *term = &g_array_index(lexicon->terms, struct term, i);

		see_term(lexicon, term);
		if (text->len + strlen(term->text) < TEXT_MAX)
			g_string_append_printf(text, "%s%s", i % 4 == 3 ? "。" : "", term->text);
	}
	sort(lexicon, text->str);
	return 0;
}
