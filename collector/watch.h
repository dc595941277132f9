#pragma once

/*
 * Waits for news of the mailboxes of pingyi.conf without fetching anything: a connection by IMAP to
 * each, that has IDLE. Only a hint: where a server has no such thing, is away or refuses, the mail
 * is found by looking once in a while, and the collector tells what is wrong.
 */
#include "db/office.h"

#define WATCH_SOURCES_MAX 16u        /* mailboxes; the others are only looked into */
#define WATCH_OPEN_MS     10000u     /* to open one, and for each answer */
#define WATCH_AGAIN_S     60u        /* how often a lost one is opened again … */
#define WATCH_REFUSED_S   3600u      /* … and one whose server has no IDLE or refuses us */
#define WATCH_RENEW_S     (20u * 60) /* servers end an IDLE after 29 minutes (RFC 2177) */

struct watch;

/* Nothing is opened yet. Returns: (transfer full) */
struct watch *watch_new(struct office *office);
void watch_free(struct watch *watch);

/* Opens what is not open and is due, which may wait for servers. */
void watch_open(struct watch *watch);

/* Whether a message came into one of the mailboxes since it was asked last; does not wait, but for
 * the answer to a renewal. */
gboolean watch_news(struct watch *watch);
