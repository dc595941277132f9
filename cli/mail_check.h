#pragma once

/* The parts of `pingyi mail check`: each adds what it finds, and goes on where it can. */
#include "cli/finding.h"
#include "collector/arrival.h"
#include "mailer/dns.h"
#include "mailer/probe.h"

struct mail_check {
	struct office *office;
	struct findings *findings;
	struct probe *probe;
	struct dns *dns;
	GDateTime *now;
	const char *to; /* NULL: to the office itself */
	const char
	    *outgoing; /* the address from which the relay sends, or NULL: see for yourself */
	guint wait_s;
	struct smtp_offers offers; /* empty until the relay was greeted */
	struct arrival *arrival;   /* of the plain letter, once it came */
	GError *failure;           /* the first of login and sending; the command ends with it */
};

/* Logs in, and tells what the relay offers. FALSE when no letter can be sent through it. */
gboolean mail_check_relay(struct mail_check *check);

/* Sends letters, waits for them, looks at how they came; finds the right [mail] verp. */
void mail_check_letters(struct mail_check *check);

/* What the domain name system says of the sending domain and the relay's addresses. */
void mail_check_domain(struct mail_check *check);

/* Keeps the first failure; takes the error. */
void mail_check_fail(struct mail_check *check, GError *error);
