#pragma once

/*
 * What the records of a sending domain say, and what they should: DKIM keys (RFC 6376, 8463), DMARC
 * (RFC 7489), which relays need which SPF term, and the record to publish where one is missing.
 * Bytes in, verdict out; records are strangers' bytes, at most POLICY_RECORD_MAX of them. SPF
 * itself is in mailer/spf.h. Pure.
 */
#include "mailer/spf.h"

#define POLICY_RECORD_MAX 8192 /* bytes of a record */
#define POLICY_TAGS_MAX   50   /* tags of a record */
#define POLICY_LEVELS_MAX 8    /* domains above one, looked at for DMARC */

/* The value of a tag of "v=DKIM1; k=rsa; p=…" (RFC 6376, 3.2), white space around it cut off; the
 * first one of that name. Returns: (transfer full) NULL when it has none. */
char *policy_tag(const char *record, const char *name);

enum dkim_state {
	DKIM_GOOD,
	DKIM_WEAK,    /* RSA of less than 2048 bits; under 1024 it is DKIM_BROKEN (RFC 8301) */
	DKIM_REVOKED, /* p= is empty */
	DKIM_BROKEN,  /* not as RFC 6376 writes it */
	DKIM_MISSING,
};

struct dkim_verdict {
	enum dkim_state state;
	const char *algorithm; /* "rsa", "ed25519"; NULL when unknown */
	guint bits;            /* of an RSA modulus, 256 of an Ed25519 key; 0 when unknown */
	gboolean testing;      /* t=y: receivers may treat it as unsigned */
};

/* Judges the TXT records found at SELECTOR._domainkey.DOMAIN. */
void policy_dkim(const GPtrArray *records, struct dkim_verdict *verdict_out);

struct dmarc_verdict {
	enum dns_state state;
	char *domain;      /* where the record stands: the domain itself or one above it */
	char *record;      /* NULL when there is none */
	char *policy;      /* none, quarantine, reject: p=, or sp= of a domain above */
	gboolean reported; /* somebody gets reports (rua=) */
	gboolean broken;   /* no p=, an unknown one, or more than one record */
};

/* Finds the record of `domain`, or of the nearest domain above it that has one (of at least two
 * labels). To be cleared. */
void policy_dmarc(const char *domain, dns_asker *ask, void *user,
		  struct dmarc_verdict *verdict_out);
void dmarc_verdict_clear(struct dmarc_verdict *verdict);

/* A provider whose relay was recognised by its host. */
struct policy_provider {
	const char *hosts;   /* the relay's domain: "exmail.qq.com" */
	const char *include; /* what a customer's SPF record has to include; NULL: unknown */
	const char *ends;    /* how the provider writes that record's end: "~all", "-all" */
};

/* NULL when the host is nobody's who is known. */
const struct policy_provider *policy_provider_of(const char *host);

/* Whether the domain is a public provider's own (163.com, qq.com …): its records are not ours. */
gboolean policy_is_public_domain(const char *domain);

/*
 * The SPF record to publish: `record` (NULL when there is none) with the provider's include or,
 * without one, with the addresses (of char *) put in front of what ends it.
 * Returns: (transfer full) NULL when there is nothing to name.
 */
char *policy_spf_record(const char *record, const struct policy_provider *provider,
			const GPtrArray *addresses);

/* Whether an address is one that only this machine or a private network can use (RFC 1918, 4193,
 * 6890). */
gboolean policy_is_private(const char *address);

/* A TXT record in the form of a zone file, its strings at most 255 bytes each.
 * Returns: (transfer full) */
char *policy_zone_line(const char *name, const char *text);
