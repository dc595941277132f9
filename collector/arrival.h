#pragma once

/*
 * How a letter of ours looks to who receives it: what his server found of SPF, DKIM and DMARC (RFC
 * 8601, 7208), and what relays on the way did to it. Header fields are strangers' bytes; the limits
 * are those of collector/mime.h. Pure.
 */
#include <glib.h>

struct arrival {
	gboolean bounced; /* it is not the letter but a notice about it */
	char *spf;        /* "pass", "fail" …, as the receiver says; NULL when he says nothing */
	char *dkim;       /* the best one of several signatures */
	char *dmarc;
	char *authority;       /* who says so, or NULL */
	char *client_address;  /* from which the letter came to him (Received-SPF), or NULL */
	char *message_id;      /* without brackets, or NULL */
	char *moved_id;        /* where QQ keeps the one it replaced (X-OQ-MSGID), or NULL */
	char *return_path;     /* the envelope's sender, NULL when the mailbox does not tell */
	GPtrArray *references; /* of char *, without brackets */
	GPtrArray *signatures; /* of char *: the DKIM-Signature fields, unfolded */
};

/*
 * Reads `raw` when it is the letter from `from` that names `token`, or a notice about that letter.
 * Returns: (transfer full) NULL when it is neither.
 */
struct arrival *arrival_read(GBytes *raw, const char *from, const char *token);
void arrival_free(struct arrival *arrival);

/* The id that a relay put its own mark before, "64B0656069715534+orig@host" (Tencent exmail): what
 * stands behind the mark; else the id itself. Borrowed from `id`. */
const char *arrival_own_id(const char *id);

typedef struct arrival arrival_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(arrival_handle, arrival_free)
