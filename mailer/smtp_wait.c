/* One letter at a time, waiting for each: for a trial and for a letter to oneself. */
#include "mailer/smtp.h"

#include "base/error.h"
#include "mailer/smtp_text.h"

#include <poll.h>
#include <string.h>

#define OPENING_MS 10   /* how often an opening is looked after */
#define SLICE_MS   1000 /* how long a wait is at most before time is looked at */
#define GOODBYE_MS 2000

/* Waits until there may be something to do. */
static void wait_for(const struct smtp *smtp, gint64 until)
{
	gint64 deadline = 0;
	short events = 0;
	int fd = smtp_socket(smtp, &events, &deadline);
	struct pollfd poll_fd = {.fd = fd, .events = events};
	gint64 left = (MIN(deadline, until) - g_get_monotonic_time()) / 1000 + 1;

	if (fd < 0)
		g_usleep(OPENING_MS * 1000);
	else if (left > 0)
		poll(&poll_fd, 1, (int)MIN(left, SLICE_MS));
}

struct smtp *smtp_open(const struct smtp_options *options, GError **error)
{
	struct smtp *smtp = smtp_start(options, error);

	while (smtp && !smtp_is_open(smtp)) {
		if (!smtp_work(smtp, TRUE, error))
			g_clear_pointer(&smtp, smtp_free);
		else if (!smtp_is_open(smtp))
			wait_for(smtp, G_MAXINT64);
	}
	return smtp;
}

gboolean smtp_usable(const struct smtp *smtp)
{
	return smtp_is_open(smtp);
}

enum smtp_outcome smtp_send(struct smtp *smtp, const char *from, const char *recipient,
			    GBytes *message, struct smtp_answer *answer_out)
{
	struct smtp_letter letter = {.from = from, .to = recipient};
	g_autoptr(GByteArray) text = smtp_text_stuff(message, &letter.eight_bit);
	struct smtp_result result;

	memset(answer_out, 0, sizeof(*answer_out));
	if (!smtp_is_open(smtp)) {
		smtp_text_copy(_("the connection to the mail server was lost"), answer_out->words,
			       sizeof(answer_out->words));
		return SMTP_DEFERRED;
	}
	letter.text = text->data;
	letter.size = text->len;
	smtp_add(smtp, &letter);
	while (!smtp_next_result(smtp, &result)) {
		g_autoptr(GError) problem = NULL;

		if (smtp_work(smtp, TRUE, &problem) && smtp_letters(smtp) > 0)
			wait_for(smtp, G_MAXINT64);
	}
	if (result.in_window)
		smtp_commit(smtp);
	*answer_out = result.answer;
	return result.outcome;
}

void smtp_close(struct smtp *smtp)
{
	gint64 until = g_get_monotonic_time() + (gint64)GOODBYE_MS * 1000;

	if (!smtp)
		return;
	smtp_quit(smtp);
	while (smtp_is_open(smtp) && g_get_monotonic_time() < until)
		if (smtp_work(smtp, TRUE, NULL))
			wait_for(smtp, until);
	smtp_free(smtp);
}
