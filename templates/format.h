#pragma once

/* Values as people read them, in the two languages of our words. Appended to `out` unescaped. */
#include <glib.h>

/* "2026-11-23" or a timestamp that begins with it: 2026-11-23 (周一), 2026-11-23 (Mon). What is no
 * date is copied. */
void format_date(GString *out, const char *text, gboolean english);

/* The same as a printed letter has it: 2026年11月23日, 23 November 2026. */
void format_day(GString *out, const char *text, gboolean english);

/* A timestamp: 2026-11-23 09:05. */
void format_time(GString *out, const char *text);

/* A decimal number with its thousands separated: 1,234,567.5. */
void format_number(GString *out, const char *text);

/* A ratio: 0.9754 is 97.5%. */
void format_percent(GString *out, double ratio);

/* Working days until a deadline: 还剩 3 个工作日, 今天到期, 超期 2 个工作日. */
void format_days(GString *out, gint64 days, gboolean english);

/* A word of the data ("handed", "named") as people say it, from templates/words.tsv; one that does
 * not stand there is copied. */
void format_word(GString *out, const char *word, gboolean english);

/* A message of ours that was kept in English, in the thread's language (base/language.h); what is
 * none is copied. */
void format_message(GString *out, const char *text, gboolean english);
