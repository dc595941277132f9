#include "templates/form.h"

#include <string.h>

gboolean form_answers_empty(const struct form_answers *answers)
{
	for (guint i = 0; i < answers->open->len; i++)
		if (((struct form_open *)g_ptr_array_index(answers->open, i))->text[0] != '\0')
			return FALSE;
	return answers->ratings->len == 0 && !answers->disclosure;
}

/* Adds what was said to a question: in the place of nothing, or as one more answer to it. Where
 * there are too many, it goes behind the last one. */
static void say(struct form_answers *answers, const char *question, const char *text)
{
	struct form_open *last = NULL;

	if (text[0] == '\0')
		return;
	for (guint i = 0; i < answers->open->len; i++) {
		struct form_open *open = g_ptr_array_index(answers->open, i);

		if (strcmp(open->question, question) != 0)
			continue;
		if (strcmp(open->text, text) == 0)
			return;
		last = open;
	}
	if (!last || (last->text[0] != '\0' && answers->open->len < FORM_OPEN_FOUND_MAX)) {
		form_answers_say(answers, question, text);
		return;
	}
	if (strlen(last->text) + strlen(text) >= FORM_TEXT_MAX) {
		answers->doubt |= FORM_WORDS;
	} else {
		char *both = g_strconcat(last->text, last->text[0] ? "\n" : "", text, NULL);

		g_free(last->text);
		last->text = both;
	}
}

/* Adds what `other` says to `one`. */
static gboolean add(struct form_answers *one, struct form_answers *other)
{
	gboolean agree = one->number[0] == '\0' || other->number[0] == '\0' ||
			 strcmp(one->number, other->number) == 0;

	for (guint i = 0; i < other->ratings->len; i++) {
		const struct form_rating *rating =
		    &g_array_index(other->ratings, struct form_rating, i);

		form_answers_rate(one, rating->department, rating->grade);
	}
	for (guint i = 0; i < other->open->len; i++) {
		const struct form_open *open = g_ptr_array_index(other->open, i);

		say(one, open->question, open->text);
	}
	if (other->disclosure && g_strcmp0(one->disclosure, "hidden") != 0) {
		g_free(one->disclosure);
		one->disclosure = g_steal_pointer(&other->disclosure);
	}
	if (one->number[0] == '\0')
		memcpy(one->number, other->number, sizeof one->number);
	return agree;
}

gboolean form_answers_merge(struct form_answers **into, struct form_answers *other)
{
	struct form_answers *one = *into;
	gboolean agree = TRUE;

	if (!one) {
		*into = other;
		return TRUE;
	}
	if (form_answers_empty(one) && !form_answers_empty(other)) {
		*into = other;
		other = one;
		one = *into;
	} else if (!form_answers_empty(other)) {
		agree = add(one, other);
	}
	one->doubt |= other->doubt;
	form_answers_free(other);
	return agree;
}
