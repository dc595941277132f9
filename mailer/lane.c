#include "mailer/lane.h"

#include "base/error.h"
#include "mailer/maildir.h"
#include "mailer/smtp_text.h"

#include <string.h>

#define LOSSES_MAX    5  /* connections lost in a row, before the relay is left alone for a while */
#define MAILDIR_LANES 16 /* mails that a Maildir takes between two commits */
/* Bodies written at a time: then answers are looked at, so that the first can be committed while
 * the others leave. */
#define BURST 8
#define ONE_MORE_US                                                                                \
	60000000            /* after which one connection more is tried where some were refused    \
			     */
#define SHORT_US   10000000 /* a connection that lives no longer came to nothing */
#define OPENING_US 5000

struct lane {
	struct smtp *smtp;
	gboolean readable;
	gboolean given;     /* a letter was given to it */
	gboolean delivered; /* it took a letter */
	gint64 begun;       /* monotonic, µs */
	int slot;           /* among what is polled; -1: not */
	guint uncommitted;  /* mails that have ended and point here */
	gboolean closed;    /* it is gone but for those */
};

struct lanes {
	const struct relay *relay;
	GPtrArray *open;    /* of struct lane, also those that open */
	guint allowed;      /* connections: as set, fewer where the relay wants no more */
	gint64 allowed_at;  /* monotonic, µs: when that changed last */
	gboolean delivered; /* the relay took a letter: now several connections are worth it */
	guint losses;
	GQueue maildir; /* of struct mail */
	guint under_way;
	gboolean more; /* bodies wait to be written */
	gboolean quitting;
};

static const char *const outcome_names[] = {
    [SMTP_SENT] = "sent",         [SMTP_DEFERRED] = "deferred", [SMTP_FAILED] = "failed",
    [SMTP_DOUBTFUL] = "doubtful", [SMTP_UNTRIED] = NULL,
};

static void lane_free(gpointer data)
{
	struct lane *lane = data;

	smtp_free(lane->smtp);
	g_free(lane);
}

struct lanes *lanes_new(const struct relay *relay)
{
	struct lanes *lanes = g_new0(struct lanes, 1);

	lanes->relay = relay;
	lanes->open = g_ptr_array_new_with_free_func(lane_free);
	lanes->allowed = relay->maildir ? 0 : relay->connections;
	return lanes;
}

void lanes_free(struct lanes *lanes)
{
	if (!lanes)
		return;
	g_ptr_array_unref(lanes->open);
	g_queue_clear(&lanes->maildir);
	g_free(lanes);
}

static void end_mail(struct lanes *lanes, struct lane *lane, const struct smtp_result *result,
		     GPtrArray *ended)
{
	struct mail *mail = result->user;

	mail->lane = lane;
	if (lane)
		lane->uncommitted++;
	mail->in_window = result->in_window;
	mail->outcome = outcome_names[result->outcome];
	mail->answer = result->answer;
	lanes->under_way--;
	g_ptr_array_add(ended, mail);
	if (result->outcome != SMTP_SENT)
		return;
	if (lane)
		lane->delivered = TRUE;
	lanes->delivered = TRUE;
	lanes->losses = 0;
}

static void collect(struct lanes *lanes, struct lane *lane, GPtrArray *ended)
{
	struct smtp_result result;

	while (smtp_next_result(lane->smtp, &result))
		end_mail(lanes, lane, &result, ended);
}

void lanes_stop(struct lanes *lanes, GPtrArray *ended)
{
	struct mail *mail;

	for (guint i = 0; i < lanes->open->len; i++) {
		struct lane *lane = lanes->open->pdata[i];

		smtp_stop(lane->smtp);
		collect(lanes, lane, ended);
	}
	while ((mail = g_queue_pop_head(&lanes->maildir)) != NULL) {
		struct smtp_result result = {.user = mail, .outcome = SMTP_UNTRIED};

		end_mail(lanes, NULL, &result, ended);
	}
}

static guint open_count(const struct lanes *lanes)
{
	guint n = 0;

	for (guint i = 0; i < lanes->open->len; i++) {
		const struct lane *lane = lanes->open->pdata[i];

		n += smtp_is_open(lane->smtp) ? 1 : 0;
	}
	return n;
}

/* A connection has ended, or never opened. FALSE when that is the relay's last word. */
static gboolean lost(struct lanes *lanes, gboolean was_open, gboolean in_vain, GError *problem,
		     GError **error)
{
	guint others = open_count(lanes);

	if (was_open && in_vain)
		lanes->losses++;
	if (!was_open && others > 0) {
		lanes->allowed = others; /* it wants no more of them */
		lanes->allowed_at = g_get_monotonic_time();
		g_error_free(problem);
		return TRUE;
	}
	if (!was_open) {
		g_propagate_error(error, problem);
		return FALSE;
	}
	if (lanes->losses >= LOSSES_MAX)
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the relay closed %u connections in a row: %s"), lanes->losses,
			    problem->message);
	g_error_free(problem);
	return lanes->losses < LOSSES_MAX;
}

static gboolean work_lane(struct lanes *lanes, guint i, GPtrArray *ended, GError **error)
{
	struct lane *lane = lanes->open->pdata[i];
	gboolean was_open = smtp_is_open(lane->smtp);
	GError *problem = NULL;
	gboolean good = smtp_work(lane->smtp, lane->readable, &problem);
	gboolean in_vain;

	lane->readable = FALSE;
	collect(lanes, lane, ended);
	if (good)
		return TRUE;
	/* one that was idle for long may be closed by any server */
	in_vain =
	    !lane->delivered && (lane->given || g_get_monotonic_time() - lane->begun < SHORT_US);
	lane->closed = TRUE;
	g_ptr_array_steal_index(lanes->open, i);
	if (lane->uncommitted == 0)
		lane_free(lane);
	/* without a problem it has said goodbye */
	return !problem || lost(lanes, was_open, in_vain, problem, error);
}

/* Connections without a letter, those that open among them. */
static guint idle_count(const struct lanes *lanes)
{
	guint n = 0;

	for (guint i = 0; i < lanes->open->len; i++) {
		const struct lane *lane = lanes->open->pdata[i];

		n += smtp_letters(lane->smtp) == 0;
	}
	return n;
}

/* One connection until the relay has shown that it takes letters, then as many as there are letters
 * for. */
static gboolean open_more(struct lanes *lanes, guint waiting, GError **error)
{
	struct smtp_options options = relay_options(lanes->relay);
	gint64 now = g_get_monotonic_time();
	guint most = lanes->delivered ? lanes->allowed : MIN(lanes->allowed, 1);
	guint idle = idle_count(lanes);

	if (lanes->allowed < lanes->relay->connections && now - lanes->allowed_at > ONE_MORE_US) {
		lanes->allowed++;
		lanes->allowed_at = now;
	}
	for (; !lanes->quitting && lanes->open->len < most && idle < waiting; idle++) {
		struct smtp *smtp = smtp_start(&options, error);
		struct lane *lane;

		if (!smtp)
			return FALSE;
		lane = g_new0(struct lane, 1);
		lane->smtp = smtp;
		lane->begun = now;
		lane->slot = -1;
		g_ptr_array_add(lanes->open, lane);
	}
	return TRUE;
}

static void deliver(struct lanes *lanes, GPtrArray *ended)
{
	struct mail *mail;

	while ((mail = g_queue_pop_head(&lanes->maildir)) != NULL) {
		g_autoptr(GBytes) message = g_bytes_new_static(mail->text->str, mail->text->len);
		g_autoptr(GError) problem = NULL;
		struct smtp_result result = {.user = mail, .outcome = SMTP_SENT};

		if (!maildir_deliver(lanes->relay->maildir, mail_text(mail, MAIL_MESSAGE_ID),
				     message, &problem)) {
			result.outcome = SMTP_DEFERRED;
			result.answer.about_sender = TRUE;
			smtp_text_copy(problem->message, result.answer.words,
				       sizeof(result.answer.words));
		}
		end_mail(lanes, NULL, &result, ended);
	}
}

gboolean lanes_work(struct lanes *lanes, guint waiting, GPtrArray *ended, GError **error)
{
	guint burst = 0;

	if (lanes->relay->maildir) {
		deliver(lanes, ended);
		return TRUE;
	}
	lanes->more = FALSE;
	for (guint i = lanes->open->len; i > 0; i--) {
		const struct lane *lane = lanes->open->pdata[i - 1];
		gboolean writes = smtp_has_body(lane->smtp);

		if (writes && burst == BURST && !lane->readable) {
			lanes->more = TRUE;
			continue;
		}
		burst += writes ? 1 : 0;
		if (!work_lane(lanes, i - 1, ended, error))
			return FALSE;
	}
	return open_more(lanes, waiting, error);
}

static struct lane *roomy(const struct lanes *lanes)
{
	struct lane *best = NULL;

	for (guint i = 0; i < lanes->open->len; i++) {
		struct lane *lane = lanes->open->pdata[i];

		if (smtp_has_room(lane->smtp) &&
		    (!best || smtp_letters(lane->smtp) < smtp_letters(best->smtp)))
			best = lane;
	}
	return best;
}

gboolean lanes_have_room(const struct lanes *lanes)
{
	if (lanes->relay->maildir)
		return lanes->maildir.length < MAILDIR_LANES;
	/* until it has taken one it gets one at a time: what it says may be about us */
	return (lanes->delivered || lanes->under_way == 0) && roomy(lanes) != NULL;
}

void lanes_give(struct lanes *lanes, struct mail *mail)
{
	struct lane *lane = lanes->relay->maildir ? NULL : roomy(lanes);
	const char *to = mail_text(mail, MAIL_RECIPIENT);
	struct smtp_letter letter = {.from = mail->from,
				     .to = to,
				     .envelope_id = mail_text(mail, MAIL_NUMBER),
				     .text = mail->text->str,
				     .size = mail->text->len,
				     .eight_bit = !g_str_is_ascii(to),
				     .user = mail};

	lanes->under_way++;
	if (lane) {
		lane->given = TRUE;
		smtp_add(lane->smtp, &letter);
	} else {
		g_queue_push_tail(&lanes->maildir, mail);
	}
}

guint lanes_size(const struct lanes *lanes)
{
	return lanes->relay->maildir ? MAILDIR_LANES : lanes->allowed;
}

guint lanes_under_way(const struct lanes *lanes)
{
	return lanes->under_way;
}

void lanes_commit(struct mail *mail)
{
	struct lane *lane = mail->lane;

	mail->lane = NULL;
	if (!lane)
		return;
	lane->uncommitted--;
	if (lane->closed && lane->uncommitted == 0)
		lane_free(lane);
	else if (!lane->closed && mail->in_window)
		smtp_commit(lane->smtp);
}

gboolean lanes_quit(struct lanes *lanes)
{
	lanes->quitting = TRUE;
	for (guint i = 0; i < lanes->open->len; i++) {
		struct lane *lane = lanes->open->pdata[i];

		smtp_quit(lane->smtp);
	}
	return lanes->open->len == 0;
}

void lanes_poll(struct lanes *lanes, GArray *fds, gint64 *until_out)
{
	gint64 now = g_get_monotonic_time();

	if (lanes->more)
		*until_out = now;
	for (guint i = 0; i < lanes->open->len; i++) {
		struct lane *lane = lanes->open->pdata[i];
		struct pollfd fd = {.fd = -1};
		gint64 deadline = 0;

		fd.fd = smtp_socket(lane->smtp, &fd.events, &deadline);
		lane->slot = (int)i;
		*until_out = MIN(*until_out, fd.fd < 0 ? now + OPENING_US : deadline);
		g_array_append_val(fds, fd);
	}
}

void lanes_polled(struct lanes *lanes, const struct pollfd *fds)
{
	for (guint i = 0; i < lanes->open->len; i++) {
		struct lane *lane = lanes->open->pdata[i];

		lane->readable = lane->slot >= 0 && (fds[lane->slot].revents & ~POLLOUT) != 0;
	}
}
