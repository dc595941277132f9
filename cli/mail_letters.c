#include "cli/mail_check.h"

#include "base/error.h"
#include "collector/await.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define MORE_S 10 /* for the others, once one letter is there */

/* The letters that are sent: a plain one, and for each way of VERP one with the envelope sender
 * that it makes, and one to where a bounce would go. */
enum which { PLAIN, PLUS_SENDER, PLUS_RECIPIENT, DOMAIN_SENDER, DOMAIN_RECIPIENT, LETTERS };

struct letter_try {
	char *token;
	char *sender;
	char *recipient; /* NULL: not tried */
	enum smtp_outcome outcome;
	struct smtp_answer answer;
	gint64 sent; /* monotonic, µs */
};

struct tries {
	struct mail_check *check;
	struct letter_try letters[LETTERS];
	struct await_letter awaited[LETTERS];
	const char *source; /* where they are waited for; NULL: nowhere */
	gboolean watched;   /* the plain letter would come there */
};

/* Whether a way of VERP can be used. */
enum usable { USABLE, UNSURE, REFUSED, USELESS };

static void tries_clear(struct tries *tries)
{
	for (guint i = 0; i < LETTERS; i++) {
		g_free(tries->letters[i].token);
		g_free(tries->letters[i].sender);
		g_free(tries->letters[i].recipient);
		arrival_free(tries->awaited[i].arrival);
	}
}

/* Addresses of all letters. The plain one goes where answers go. */
static void plan(struct tries *tries)
{
	const struct probe *probe = tries->check->probe;
	const char *from = probe_from(probe);
	const char *home = tries->check->to ? tries->check->to : probe_home(probe);
	const char *bounces = probe_bounce_domain(probe);
	g_autofree char *random = g_uuid_string_random();

	for (guint i = 0; i < LETTERS; i++) {
		struct letter_try *letter = &tries->letters[i];
		enum verp verp = i >= DOMAIN_SENDER ? VERP_DOMAIN : VERP_PLUS;
		g_autofree char *tagged = NULL;
		gboolean to_tagged = i == PLUS_RECIPIENT || i == DOMAIN_RECIPIENT;

		letter->token = g_strdup_printf("check-%.8s%c", random, (char)('a' + i));
		tagged = verp_address(verp, from, bounces, letter->token);
		letter->sender = g_strdup(i == PLAIN || to_tagged ? from : tagged);
		if (verp == VERP_PLUS || *bounces)
			letter->recipient = g_strdup(to_tagged ? tagged : home);
	}
	tries->watched = !tries->check->to || g_ascii_strcasecmp(home, from) == 0 ||
			 g_ascii_strcasecmp(home, probe_home(probe)) == 0;
}

static void send_one(struct tries *tries, struct letter_try *letter)
{
	const struct mail_check *check = tries->check;

	letter->outcome = probe_send(check->probe, letter->token, letter->sender, letter->recipient,
				     check->now, &letter->answer);
	letter->sent = g_get_monotonic_time();
}

/* An answer as people read it: "553 5.7.1 …"; our own words stand alone. */
static char *answer_text(const struct smtp_answer *answer)
{
	return answer->code ? g_strdup_printf("%d %s", answer->code, answer->words)
			    : g_strdup(answer->words);
}

/* Tells how the plain letter left. */
static gboolean tell_sent(struct tries *tries)
{
	struct mail_check *check = tries->check;
	const struct letter_try *letter = &tries->letters[PLAIN];
	const char *user = probe_user(check->probe);
	const char *from = probe_from(check->probe);
	g_autofree char *answer = answer_text(&letter->answer);

	if (letter->outcome == SMTP_SENT) {
		finding_add(check->findings, FINDING_GOOD, "letter.sent", _("Sent"), _("to %s: %s"),
			    letter->recipient, answer);
		return TRUE;
	}
	finding_add(check->findings, FINDING_FAILED, "letter.sent", _("Sent"), _("to %s: %s"),
		    letter->recipient, answer);
	/* some refuse the sender only once they know the recipient, and do not say why */
	if (letter->answer.about_sender ||
	    (letter->answer.code / 100 == 5 && *user && strcmp(user, from) != 0))
		finding_advise(check->findings,
			       _("Most relays send only for the address that logged in: set [mail] "
				 "from to it."));
	else
		finding_advise(check->findings,
			       _("Look at [mail] from and user, and at what the relay says; "
				 "docs/relays.md explains the usual refusals."));
	mail_check_fail(check, g_error_new(PINGYI_ERROR,
					   letter->outcome == SMTP_FAILED ? PINGYI_ERROR_PERMANENT
									  : PINGYI_ERROR_TEMPORARY,
					   _("the relay did not take the letter: %s"), answer));
	return FALSE;
}

/* Waits for all that were taken and can come. */
static gboolean wait_for(struct tries *tries, struct await *await)
{
	struct mail_check *check = tries->check;
	gboolean shown = isatty(STDERR_FILENO);
	GError *problem = NULL;
	gboolean good;

	for (guint i = 0; i < LETTERS; i++) {
		const struct letter_try *letter = &tries->letters[i];
		gboolean comes = tries->watched || i == PLUS_RECIPIENT || i == DOMAIN_RECIPIENT;

		if (letter->recipient && letter->outcome == SMTP_SENT && comes)
			tries->awaited[i].token = letter->token;
	}
	if (shown)
		fprintf(stderr, _("waiting for the letter in %s, at most %u s …"),
			await_name(await), check->wait_s);
	good = await_letters(await, probe_from(check->probe), tries->awaited, LETTERS,
			     check->wait_s, MORE_S, &problem);
	if (shown)
		fputs("\r\033[K", stderr);
	if (good)
		return TRUE;
	finding_add(check->findings, FINDING_FAILED, "letter.came", _("Came"), "%s",
		    problem->message);
	mail_check_fail(check, problem);
	return FALSE;
}

static void tell_came(struct tries *tries)
{
	struct mail_check *check = tries->check;
	const struct await_letter *awaited = &tries->awaited[PLAIN];
	double seconds = (double)(awaited->came - tries->letters[PLAIN].sent) / 1e6;

	if (!tries->source || !tries->watched) {
		finding_add(check->findings, FINDING_NOTE, "letter.came", _("Came"), "%s",
			    tries->watched
				? _("nobody waited for it: look into the mailbox yourself")
				: _("not in this office's mailbox: look there yourself"));
	} else if (!awaited->arrival) {
		finding_add(check->findings, FINDING_WARN, "letter.came", _("Came"),
			    _("not into %s within %u s"), tries->source, check->wait_s);
		finding_advise(check->findings,
			       _("Look into the mailbox's folder for spam, and whether %s is the "
				 "mailbox of %s; --wait waits longer."),
			       tries->source, tries->letters[PLAIN].recipient);
	} else if (awaited->arrival->bounced) {
		finding_add(check->findings, FINDING_FAILED, "letter.came", _("Came"), "%s",
			    _("it came back: the relay took it, but could not deliver it"));
		finding_advise(check->findings, _("Read the notice in %s: it says why."),
			       tries->source);
		mail_check_fail(check, g_error_new_literal(PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
							   _("the letter came back")));
	} else {
		finding_add(check->findings, FINDING_GOOD, "letter.came", _("Came"),
			    _("after %.1f s, in %s"), MAX(seconds, 0.0), tries->source);
	}
}

/* What the relay did to what answers are found by. */
static void tell_changes(struct mail_check *check)
{
	const struct arrival *arrival = check->arrival;
	const char *token = strrchr(arrival->message_id ? arrival->message_id : "", '@');
	gboolean kept = FALSE;

	for (guint i = 0; i < arrival->references->len; i++)
		kept |=
		    g_str_has_prefix(g_ptr_array_index(arrival->references, i), "letter.check-");
	if (token && g_str_has_prefix(arrival->message_id, "check-"))
		finding_add(check->findings, FINDING_GOOD, "letter.message_id", "Message-ID", "%s",
			    _("as it was sent"));
	else if (token && g_str_has_prefix(arrival_own_id(arrival->message_id), "check-"))
		finding_add(check->findings, FINDING_NOTE, "letter.message_id", "Message-ID", "%s",
			    _("the relay put a mark before it; answers are found all the same"));
	else
		finding_add(check->findings, FINDING_NOTE, "letter.message_id", "Message-ID", "%s",
			    kept ? _("the relay replaced it; answers are found by References and "
				     "the letter's number")
				 : _("the relay replaced it; answers are found by the letter's "
				     "number"));
	finding_add(check->findings, kept ? FINDING_GOOD : FINDING_NOTE, "letter.references",
		    "References", "%s",
		    kept ? _("as they were sent") : _("the relay took them off"));
}

/* What the receiver found. */
static void tell_results(struct mail_check *check)
{
	const struct arrival *arrival = check->arrival;
	const char *const names[] = {"spf", "dkim", "dmarc"};
	const char *const results[] = {arrival->spf, arrival->dkim, arrival->dmarc};
	GString *text = g_string_new(NULL);
	g_autofree char *owned = NULL;
	gboolean good = TRUE;

	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (!results[i])
			continue;
		g_string_append_printf(text, "%s%s=%s", text->len ? ", " : "", names[i],
				       results[i]);
		good &= strcmp(results[i], "pass") == 0;
	}
	owned = g_string_free(text, FALSE);
	if (!*owned)
		finding_add(check->findings, FINDING_NOTE, "letter.results", _("Receiver"), "%s",
			    _("says nothing of SPF, DKIM and DMARC (mail that stays at one "
			      "provider is often not examined)"));
	else
		finding_add(check->findings, good ? FINDING_GOOD : FINDING_WARN, "letter.results",
			    _("Receiver"), _("%s says %s"),
			    arrival->authority ? arrival->authority : _("it"), owned);
	if (!good)
		finding_advise(check->findings, _("The records of the domain, below, say why."));
}

/* Whether a way of VERP works; `why_out` (transfer full) gets the reason where it does not. */
static enum usable judge(const struct tries *tries, enum which sender, enum which recipient,
			 char **why_out)
{
	const struct letter_try *from = &tries->letters[sender];
	const struct letter_try *to = &tries->letters[recipient];
	const struct arrival *came = tries->awaited[sender].arrival;
	const struct arrival *returned = tries->awaited[recipient].arrival;
	g_autofree char *answer = NULL;

	if (from->outcome != SMTP_SENT) {
		answer = answer_text(&from->answer);
		*why_out =
		    g_strdup_printf(_("the relay refuses the sender %s: %s"), from->sender, answer);
		return REFUSED;
	}
	if (came && !came->bounced && came->return_path &&
	    !strstr(came->return_path, from->token)) {
		*why_out = g_strdup_printf(_("the relay puts %s in the sender's place"),
					   *came->return_path ? came->return_path : "<>");
		return USELESS;
	}
	if (to->outcome != SMTP_SENT) {
		answer = answer_text(&to->answer);
		*why_out = g_strdup_printf(_("mail to %s is refused: %s"), to->recipient, answer);
		return USELESS;
	}
	if (returned && returned->bounced) {
		*why_out = g_strdup_printf(_("mail to %s comes back"), to->recipient);
		return USELESS;
	}
	if (returned)
		return came || !tries->watched ? USABLE : UNSURE;
	*why_out = tries->source
		       ? g_strdup_printf(_("the relay takes it, but mail to %s has not come"),
					 to->recipient)
		       : g_strdup(_("the relay takes it; whether bounces come back nobody saw"));
	return UNSURE;
}

static void tell_way(struct mail_check *check, const char *name, enum usable usable,
		     const char *why)
{
	g_autofree char *json_name = g_strconcat("verp.", name, NULL);
	g_autofree char *word = g_strconcat("verp=", name, NULL);

	finding_add(
	    check->findings, usable == USABLE ? FINDING_GOOD : FINDING_NOTE, json_name, word, "%s",
	    usable == USABLE ? _("the relay takes such senders, and bounces would come in") : why);
}

/* The setting that is right, and the one there is. */
static void tell_setting(struct mail_check *check, const enum usable *usable)
{
	static const char *const names[] = {"off", "plus", "domain"};
	enum verp set = probe_verp(check->probe);
	enum verp best = usable[VERP_PLUS] == USABLE     ? VERP_PLUS
			 : usable[VERP_DOMAIN] == USABLE ? VERP_DOMAIN
							 : VERP_OFF;

	if (usable[set] == USABLE || (set == VERP_OFF && best == VERP_OFF)) {
		finding_add(check->findings, FINDING_GOOD, "verp.setting", "verp",
			    _("“%s” is right"), names[set]);
		if (set != VERP_OFF || best == VERP_OFF)
			return;
	}
	if (set == VERP_OFF) {
		finding_add(check->findings, FINDING_WARN, "verp.setting", "verp",
			    _("“off” works; with “%s” every bounce would name its letter"),
			    names[best]);
	} else if (usable[set] == UNSURE) {
		finding_add(check->findings, FINDING_WARN, "verp.setting", "verp",
			    _("“%s” is set; it is not sure that it works"), names[set]);
		return;
	} else {
		finding_add(check->findings, FINDING_FAILED, "verp.setting", "verp",
			    _("“%s” is set, and does not work here"), names[set]);
		if (usable[set] == REFUSED)
			mail_check_fail(check, g_error_new(PINGYI_ERROR, PINGYI_ERROR_PERMANENT,
							   _("the relay refuses the senders that "
							     "verp = %s makes"),
							   names[set]));
	}
	finding_advise(check->findings, _("Set verp = %s under [mail]."), names[best]);
}

static void tell_verp(struct tries *tries)
{
	enum usable usable[] = {[VERP_OFF] = UNSURE, [VERP_PLUS] = UNSURE, [VERP_DOMAIN] = USELESS};
	g_autofree char *why_plus = NULL;
	g_autofree char *why_domain = NULL;

	finding_section(tries->check->findings, _("Bounces (VERP)"));
	usable[VERP_PLUS] = judge(tries, PLUS_SENDER, PLUS_RECIPIENT, &why_plus);
	tell_way(tries->check, "plus", usable[VERP_PLUS], why_plus);
	if (tries->letters[DOMAIN_SENDER].recipient) {
		usable[VERP_DOMAIN] = judge(tries, DOMAIN_SENDER, DOMAIN_RECIPIENT, &why_domain);
		tell_way(tries->check, "domain", usable[VERP_DOMAIN], why_domain);
	}
	tell_setting(tries->check, usable);
}

void mail_check_letters(struct mail_check *check)
{
	struct tries tries = {.check = check};
	g_autoptr(await_handle) await = NULL;
	GError *problem = NULL;
	gboolean sent;

	finding_section(check->findings, _("Test letter"));
	plan(&tries);
	if (check->wait_s > 0 && !await_new(check->office, &await, &problem)) {
		finding_add(check->findings, FINDING_FAILED, "source.login", _("Mailbox"), "%s",
			    problem->message);
		finding_advise(check->findings,
			       _("Look at this source in pingyi.conf: answers cannot be fetched."));
		mail_check_fail(check, problem);
	}
	tries.source = await ? await_name(await) : NULL;
	send_one(&tries, &tries.letters[PLAIN]);
	sent = tell_sent(&tries);
	for (guint i = PLAIN + 1; sent && i < LETTERS; i++)
		if (tries.letters[i].recipient)
			send_one(&tries, &tries.letters[i]);
	if (sent && (!await || wait_for(&tries, await))) {
		tell_came(&tries);
		if (tries.awaited[PLAIN].arrival && !tries.awaited[PLAIN].arrival->bounced) {
			check->arrival = g_steal_pointer(&tries.awaited[PLAIN].arrival);
			tell_changes(check);
			tell_results(check);
		}
		tell_verp(&tries);
	}
	tries_clear(&tries);
}
