#pragma once

/*
 * The Sender Policy Framework (RFC 7208) as a receiver applies it: may this address send for that
 * domain? Macros (section 7) are not expanded: a record that needs one is undecided, which is
 * reported as SPF_NEUTRAL. Pure: whoever calls asks the domain name system.
 */
#include "mailer/dns.h"

#define SPF_LOOKUPS_MAX 10   /* terms that ask the DNS, of the record and all it includes (4.6.4) */
#define SPF_VOID_MAX    2    /* questions without an answer (4.6.4) */
#define SPF_HOSTS_MAX   10   /* MX hosts, names of an address (4.6.4) */
#define SPF_RECORD_MAX  4096 /* bytes of a record; a longer one is damaged */

enum spf_result {
	SPF_NONE,      /* no record */
	SPF_NEUTRAL,   /* the domain says nothing, or only a macro would tell */
	SPF_PASS,      /* it may */
	SPF_FAIL,      /* it may not */
	SPF_SOFTFAIL,  /* it probably may not */
	SPF_TEMPERROR, /* the DNS did not answer */
	SPF_PERMERROR, /* the record is wrong */
};

/* As dns_ask(). */
typedef enum dns_state dns_asker(void *user, enum dns_type type, const char *name,
				 GPtrArray *values_out);

struct spf_verdict {
	enum spf_result result;
	char *record;   /* the domain's own, NULL when it has none */
	char *term;     /* which one decided, "ip4:192.0.2.0/24", or the wrong one; or NULL */
	guint lookups;  /* terms that asked, those of included records too */
	gboolean macro; /* undecided, for it takes a macro */
	/* Why it is an error, a msgid; or NULL. */
	const char *why;
};

/* What `domain` says of mail that `address` (IPv4 or IPv6) sends in its name. To be cleared. */
void spf_check(const char *address, const char *domain, dns_asker *ask, void *user,
	       struct spf_verdict *verdict_out);
void spf_verdict_clear(struct spf_verdict *verdict);

/* "pass", "softfail" … as RFC 7208 names them (2.6). */
const char *spf_result_name(enum spf_result result);

/* Whether two texts of addresses mean the same one. */
gboolean spf_same_address(const char *a, const char *b);

/*
 * Whether the names of `address` lead back to it (RFC 1912, 2.1): PASS, FAIL, TEMPERROR; NONE when
 * it has no name. `name_out` (transfer full) gets the first that does, else the first.
 */
enum spf_result spf_confirm_name(const char *address, dns_asker *ask, void *user, char **name_out);
