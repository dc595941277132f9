#include "mailer/post.h"

#include "base/error.h"
#include "mailer/maildir.h"
#include "mailer/verp.h"

#include <string.h>

#define LOSSES_MAX 5 /* connections lost in a row, before the relay is left alone for a while */

struct post {
	char *maildir; /* absolute; NULL: it goes to a relay */
	char *url;
	char *user;
	char *password;
	char *ca_file;
	gboolean starttls;
	char *from;
	char *bounce_domain;
	enum verp verp;
	struct smtp *smtp;
	guint losses;
};

static char *destination_of(struct office *office)
{
	return g_strdup(office_setting(office, "mail", "destination", "maildir:outbox"));
}

char *post_destination(struct office *office)
{
	g_autofree char *whole = destination_of(office);
	char *slashes = strstr(whole, "://");
	char *at = strrchr(whole, '@');

	if (!slashes || !at || at < slashes)
		return g_steal_pointer(&whole);
	return g_strdup_printf("%.*s…%s", (int)(slashes + 3 - whole), whole, at);
}

static gboolean is_relay(const char *destination)
{
	g_autofree char *person = NULL;
	g_autofree char *host = NULL;

	return (g_str_has_prefix(destination, "smtp://") ||
		g_str_has_prefix(destination, "smtps://")) &&
	       g_uri_split(destination, G_URI_FLAGS_NONE, NULL, &person, &host, NULL, NULL, NULL,
			   NULL, NULL) &&
	       !person && host && *host;
}

static gboolean read_relay(struct post *post, struct office *office, GError **error)
{
	const char *secret = office_setting(office, "mail", "password_file", "");
	const char *ca_file = office_setting(office, "mail", "ca_file", "");
	const char *starttls = office_setting(office, "mail", "starttls", "required");

	post->user = g_strdup(office_setting(office, "mail", "user", ""));
	post->ca_file = *ca_file ? office_path(office, ca_file) : NULL;
	post->starttls = strcmp(starttls, "off") != 0;
	if (post->starttls && strcmp(starttls, "required") != 0) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("[mail] starttls is “%s”; it can be required or off"), starttls);
		return FALSE;
	}
	if (*secret)
		post->password = office_secret(office, secret, error);
	return !*secret || post->password != NULL;
}

struct post *post_new(struct office *office, GError **error)
{
	g_autofree char *destination = destination_of(office);
	g_autoptr(post_handle) post = g_new0(struct post, 1);

	post->from = g_strdup(office_setting(office, "mail", "from", ""));
	post->bounce_domain = g_strdup(office_setting(office, "mail", "bounce_domain", ""));
	if (!verp_parse(office_setting(office, "mail", "verp", "off"), &post->verp, error))
		return NULL;
	if (g_str_has_prefix(destination, "maildir:")) {
		post->maildir = office_path(office, destination + strlen("maildir:"));
		return g_steal_pointer(&post);
	}
	if (!is_relay(destination)) {
		g_autofree char *shown = post_destination(office);

		g_set_error(
		    error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
		    _("[mail] destination is “%s”; it can be maildir:FOLDER, smtp://HOST or "
		      "smtps://HOST (user and password_file are settings of their own)"),
		    shown);
		return NULL;
	}
	post->url = g_steal_pointer(&destination);
	return read_relay(post, office, error) ? g_steal_pointer(&post) : NULL;
}

void post_free(struct post *post)
{
	if (!post)
		return;
	smtp_close(post->smtp);
	g_free(post->maildir);
	g_free(post->url);
	g_free(post->user);
	g_free(post->password);
	g_free(post->ca_file);
	g_free(post->from);
	g_free(post->bounce_domain);
	g_free(post);
}

gboolean post_ready(struct post *post, GError **error)
{
	struct smtp_options options = {.url = post->url,
				       .user = post->user,
				       .password = post->password,
				       .starttls = post->starttls,
				       .ca_file = post->ca_file};

	if (post->maildir || (post->smtp && smtp_usable(post->smtp)))
		return TRUE;
	if (post->losses >= LOSSES_MAX) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
			    _("the relay closed %u connections in a row"), post->losses);
		return FALSE;
	}
	g_clear_pointer(&post->smtp, smtp_close);
	post->smtp = smtp_open(&options, error);
	return post->smtp != NULL;
}

static enum smtp_outcome into_maildir(struct post *post, const struct post_mail *mail,
				      struct smtp_answer *answer)
{
	g_autoptr(GError) problem = NULL;

	memset(answer, 0, sizeof(*answer));
	if (maildir_deliver(post->maildir, mail->message_id, mail->message, &problem))
		return SMTP_SENT;
	g_strlcpy(answer->words, problem->message, sizeof(answer->words));
	answer->about_sender = TRUE;
	return SMTP_DEFERRED;
}

enum smtp_outcome post_deliver(struct post *post, const struct post_mail *mail,
			       struct smtp_answer *answer_out)
{
	g_autofree char *from = NULL;
	enum smtp_outcome outcome;

	if (post->maildir)
		return into_maildir(post, mail, answer_out);
	from = verp_address(post->verp, post->from, post->bounce_domain, mail->number);
	outcome = smtp_send(post->smtp, from, mail->recipient, mail->message, answer_out);
	post->losses = smtp_usable(post->smtp) ? 0 : post->losses + 1;
	return outcome;
}
