#include "classifier/evaluation.h"

#include "base/json.h"

#include <math.h>

static const guint coverages[EVALUATION_COVERAGES] = {50, 60, 70, 80, 90, 100};

static guint *cell(const struct evaluation *evaluation, guint truth, guint said)
{
	return &evaluation->confusion[truth * (evaluation->targets + 1) + said];
}

static gint by_sureness(gconstpointer a, gconstpointer b)
{
	double one = ((const struct verdict *)a)->sure;
	double two = ((const struct verdict *)b)->sure;

	return one > two ? -1 : one < two;
}

static guint is_right(const struct verdict *verdict)
{
	return verdict->said >= 0 && (guint)verdict->said == verdict->truth;
}

static void set_coverages(struct evaluation *evaluation, const GArray *verdicts)
{
	g_autoptr(GArray) sorted = g_array_new(FALSE, FALSE, sizeof(struct verdict));
	guint right = 0;
	guint seen = 0;

	g_array_append_vals(sorted, verdicts->data, verdicts->len);
	g_array_sort(sorted, by_sureness); /* stable: equally sure ones keep their order */
	for (guint i = 0; i < EVALUATION_COVERAGES; i++) {
		guint upto =
		    MAX(1u, (guint)lround((double)evaluation->texts * coverages[i] / 100.0));

		for (; seen < upto; seen++)
			right += is_right(&g_array_index(sorted, struct verdict, seen));
		evaluation->accuracy_at[i] = (double)right / upto;
	}
	evaluation->accuracy = (double)right / evaluation->texts;
}

static double ratio(guint part, guint whole)
{
	return whole ? (double)part / whole : 0;
}

static void set_targets(struct evaluation *evaluation)
{
	guint present = 0;

	for (guint i = 0; i < evaluation->targets; i++) {
		struct evaluation_target *of = &evaluation->of[i];
		guint right = *cell(evaluation, i, i);
		guint said = 0;

		for (guint j = 0; j < evaluation->targets; j++)
			said += *cell(evaluation, j, i);
		of->precision = ratio(right, said);
		of->recall = ratio(right, of->texts);
		if (right)
			of->f1 = 2 * of->precision * of->recall / (of->precision + of->recall);
		present += of->texts > 0;
		evaluation->macro_f1 += of->texts > 0 ? of->f1 : 0;
	}
	evaluation->macro_f1 /= present;
}

struct evaluation *evaluation_new(const GArray *verdicts, guint targets)
{
	struct evaluation *evaluation = g_new0(struct evaluation, 1);

	g_return_val_if_fail(verdicts->len > 0, evaluation);
	evaluation->texts = verdicts->len;
	evaluation->targets = targets;
	evaluation->of = g_new0(struct evaluation_target, targets);
	evaluation->confusion = g_new0(guint, (gsize)targets * (targets + 1));
	for (guint i = 0; i < verdicts->len; i++) {
		const struct verdict *verdict = &g_array_index(verdicts, struct verdict, i);

		evaluation->of[verdict->truth].texts++;
		++*cell(evaluation, verdict->truth,
			verdict->said < 0 ? targets : (guint)verdict->said);
	}
	set_coverages(evaluation, verdicts);
	set_targets(evaluation);
	return evaluation;
}

void evaluation_free(struct evaluation *evaluation)
{
	if (!evaluation)
		return;
	g_free(evaluation->of);
	g_free(evaluation->confusion);
	g_free(evaluation);
}

static const char *name_of(const struct lexicon *lexicon, guint i)
{
	return i < lexicon->targets->len ? g_array_index(lexicon->targets, struct target, i).name
					 : "-";
}

/* Whether the texts or the classifier spoke of it at all. */
static gboolean is_present(const struct evaluation *evaluation, guint i)
{
	return evaluation->of[i].texts > 0 || evaluation->of[i].precision > 0;
}

static void confusion_to_json(const struct evaluation *evaluation, const struct lexicon *lexicon,
			      JsonBuilder *builder)
{
	json_builder_set_member_name(builder, "confusion");
	json_builder_begin_object(builder);
	for (guint i = 0; i < evaluation->targets; i++) {
		if (evaluation->of[i].texts == 0)
			continue;
		json_builder_set_member_name(builder, name_of(lexicon, i));
		json_builder_begin_object(builder);
		for (guint j = 0; j <= evaluation->targets; j++)
			if (*cell(evaluation, i, j))
				json_add_int(builder, name_of(lexicon, j), *cell(evaluation, i, j));
		json_builder_end_object(builder);
	}
	json_builder_end_object(builder);
}

void evaluation_to_json(const struct evaluation *evaluation, const struct lexicon *lexicon,
			JsonBuilder *builder)
{
	json_add_int(builder, "texts", evaluation->texts);
	json_add_double(builder, "accuracy", evaluation->accuracy);
	json_add_double(builder, "macro_f1", evaluation->macro_f1);
	json_builder_set_member_name(builder, "accuracy_at");
	json_builder_begin_object(builder);
	for (guint i = 0; i < EVALUATION_COVERAGES; i++) {
		g_autofree char *name = g_strdup_printf("%u", coverages[i]);

		json_add_double(builder, name, evaluation->accuracy_at[i]);
	}
	json_builder_end_object(builder);
	json_builder_set_member_name(builder, "targets");
	json_builder_begin_object(builder);
	for (guint i = 0; i < evaluation->targets; i++) {
		if (!is_present(evaluation, i))
			continue;
		json_builder_set_member_name(builder, name_of(lexicon, i));
		json_builder_begin_object(builder);
		json_add_int(builder, "texts", evaluation->of[i].texts);
		json_add_double(builder, "precision", evaluation->of[i].precision);
		json_add_double(builder, "recall", evaluation->of[i].recall);
		json_add_double(builder, "f1", evaluation->of[i].f1);
		json_builder_end_object(builder);
	}
	json_builder_end_object(builder);
	confusion_to_json(evaluation, lexicon, builder);
}

void evaluation_to_text(const struct evaluation *evaluation, const struct lexicon *lexicon,
			GString *out)
{
	g_string_append_printf(out, "texts\t%u\naccuracy\t%.4f\nmacro_f1\t%.4f\n",
			       evaluation->texts, evaluation->accuracy, evaluation->macro_f1);
	for (guint i = 0; i < EVALUATION_COVERAGES; i++)
		g_string_append_printf(out, "accuracy_at_%u\t%.4f\n", coverages[i],
				       evaluation->accuracy_at[i]);
	for (guint i = 0; i < evaluation->targets; i++) {
		const struct evaluation_target *of = &evaluation->of[i];
		const char *name = name_of(lexicon, i);

		if (is_present(evaluation, i))
			g_string_append_printf(out,
					       "texts[%s]\t%u\nprecision[%s]\t%.4f\n"
					       "recall[%s]\t%.4f\nf1[%s]\t%.4f\n",
					       name, of->texts, name, of->precision, name,
					       of->recall, name, of->f1);
	}
	for (guint i = 0; i < evaluation->targets; i++)
		for (guint j = 0; j <= evaluation->targets; j++)
			if (*cell(evaluation, i, j))
				g_string_append_printf(out, "confusion[%s][%s]\t%u\n",
						       name_of(lexicon, i), name_of(lexicon, j),
						       *cell(evaluation, i, j));
}
