#include "collector/imap_session.h"

#include "base/error.h"
#include "base/refusal.h"

#include <string.h>

#define IDLE_LINES 1000u /* before the server says that it waits */

gboolean imap_idle(struct imap *imap, gboolean *idle_out, GError **error)
{
	gint64 until = g_get_monotonic_time() + (gint64)imap->command_ms * 1000;
	g_autofree char *line = NULL;
	const char *answer;

	*idle_out = FALSE;
	if (!imap->can_idle)
		return TRUE;
	g_snprintf(imap->idle_tag, sizeof(imap->idle_tag), "P%05u", ++imap->tag % 100000);
	line = g_strdup_printf("%s IDLE\r\n", imap->idle_tag);
	imap->broken = TRUE;
	if (!wire_write(imap->wire, line, strlen(line), NULL, error))
		return FALSE;
	for (guint i = 0; i < IDLE_LINES; i++) {
		answer = wire_line(imap->wire, NULL, error);
		if (!answer)
			return FALSE;
		if (g_get_monotonic_time() > until)
			return imap_fail_late(error);
		if (*answer == '+') {
			*idle_out = TRUE;
			return TRUE;
		}
		if (!g_str_has_prefix(answer, "* "))
			return refusal_set(error, PINGYI_ERROR_PERMANENT, answer);
		imap_count(imap, answer);
	}
	return imap_fail_bounds(error);
}

gboolean imap_idle_news(struct imap *imap, gboolean *news_out, GError **error)
{
	GError *problem = NULL;
	const char *line;

	if (!wire_pull(imap->wire, error))
		return FALSE;
	while ((line = wire_line_now(imap->wire, NULL, &problem)) != NULL) {
		if (g_ascii_strncasecmp(line, "* BYE", 5) == 0)
			return refusal_set(error, PINGYI_ERROR_TEMPORARY, line + 2);
		imap_count(imap, line);
	}
	if (problem) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	*news_out = imap->news;
	imap->news = FALSE;
	return TRUE;
}

static gboolean see_news(void *user, const struct imap_text_response *response, GError **error)
{
	(void)error;
	imap_count(user, response->text->str);
	return TRUE;
}

gboolean imap_idle_end(struct imap *imap, GError **error)
{
	struct imap_exchange exchange = {.max_each = IMAP_SMALL_LITERALS,
					 .max_total = IMAP_SMALL_LITERALS,
					 .see = see_news,
					 .user = imap};

	return wire_write(imap->wire, "DONE\r\n", 6, NULL, error) &&
	       imap_read_until(imap, imap->idle_tag, &exchange, error);
}
