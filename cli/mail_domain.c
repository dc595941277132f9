#include "cli/mail_check.h"

#include "base/error.h"
#include "mailer/sender_policy.h"

#include <string.h>

#define ADDRESSES_MAX 8 /* of the relay, that are looked at */

/* The domain that is looked at, and who sends for it. */
struct domain {
	struct mail_check *check;
	const char *name;                       /* of From */
	const char *envelope;                   /* of the envelope sender: SPF is about that one */
	const struct policy_provider *provider; /* or NULL */
	GPtrArray *addresses;                   /* of char *: public ones from which letters come */
};

static enum dns_state ask(void *user, enum dns_type type, const char *name, GPtrArray *values_out)
{
	return dns_ask(user, type, name, values_out);
}

static void add_address(struct domain *domain, const char *address)
{
	for (guint i = 0; i < domain->addresses->len; i++)
		if (spf_same_address(g_ptr_array_index(domain->addresses, i), address))
			return;
	if (spf_same_address(address, address) && !policy_is_private(address) &&
	    domain->addresses->len < ADDRESSES_MAX)
		g_ptr_array_add(domain->addresses, g_strdup(address));
}

static void add_host(struct domain *domain, const char *host)
{
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

	add_address(domain, host);
	if (g_hostname_is_ip_address(host))
		return;
	dns_ask(domain->check->dns, DNS_A, host, values);
	dns_ask(domain->check->dns, DNS_AAAA, host, values);
	for (guint i = 0; i < values->len; i++)
		add_address(domain, g_ptr_array_index(values, i));
}

/* From where letters come to others: what the receiver saw is surest, then what the person says;
 * else an own relay sends from the addresses of the name that it greets with, and of its host. */
static void find_addresses(struct domain *domain)
{
	const struct mail_check *check = domain->check;

	if (check->outgoing)
		add_address(domain, check->outgoing);
	if (check->arrival && check->arrival->client_address)
		add_address(domain, check->arrival->client_address);
	if (domain->addresses->len || domain->provider || !probe_host(check->probe))
		return;
	if (*check->offers.name)
		add_host(domain, check->offers.name);
	add_host(domain, probe_host(check->probe));
}

/* The first address that the record does not let pass; NULL when it does all. The verdict is about
 * that one, or the last. */
static const char *first_refused(const struct domain *domain, struct spf_verdict *verdict)
{
	for (guint i = 0; i < domain->addresses->len; i++) {
		const char *address = g_ptr_array_index(domain->addresses, i);

		spf_verdict_clear(verdict);
		spf_check(address, domain->envelope, ask, domain->check->dns, verdict);
		if (verdict->result != SPF_PASS)
			return address;
	}
	return NULL;
}

/* The question got no answer: nothing can be said. */
static void tell_silent(const struct domain *domain, const char *name, const char *word)
{
	finding_add(domain->check->findings, FINDING_WARN, name, word, "%s",
		    _("the name server did not answer"));
	finding_advise(domain->check->findings, "%s",
		       _("Try again later, or name another server with --resolver."));
}

/* Advice and the record that would mend it. */
static void propose_spf(const struct domain *domain, const struct spf_verdict *verdict)
{
	struct findings *findings = domain->check->findings;
	g_autofree char *record =
	    policy_spf_record(verdict->record, domain->provider, domain->addresses);

	if (verdict->result == SPF_PERMERROR)
		finding_advise(findings,
			       _("Mend the SPF record of %s: receivers ignore it or "
				 "refuse the letters."),
			       domain->envelope);
	else if (record) {
		finding_advise(findings, _("Publish for %s:"), domain->envelope);
		finding_record(findings, policy_zone_line(domain->envelope, record));
	} else
		finding_advise(findings,
			       _("Ask the provider of the relay which SPF record to "
				 "publish for %s."),
			       domain->envelope);
}

/* Why the record does not let an address pass. */
static void tell_refused(const struct domain *domain, const struct spf_verdict *verdict,
			 const char *address)
{
	struct findings *findings = domain->check->findings;

	if (verdict->result == SPF_TEMPERROR) {
		tell_silent(domain, "domain.spf", "SPF");
		return;
	}
	if (verdict->macro) {
		finding_add(findings, FINDING_NOTE, "domain.spf", "SPF",
			    _("“%s” has a macro, which is not evaluated here: %s"), verdict->term,
			    verdict->record);
		return;
	}
	if (verdict->why)
		finding_add(findings, FINDING_FAILED, "domain.spf", "SPF", "%s (%s): %s",
			    _(verdict->why), verdict->term, verdict->record ? verdict->record : "");
	else if (!verdict->record)
		finding_add(findings, FINDING_FAILED, "domain.spf", "SPF", _("%s has no record"),
			    domain->envelope);
	else
		finding_add(findings, verdict->result == SPF_FAIL ? FINDING_FAILED : FINDING_WARN,
			    "domain.spf", "SPF", _("%s for %s, from which letters come: %s"),
			    spf_result_name(verdict->result), address, verdict->record);
	propose_spf(domain, verdict);
}

static gboolean has_include(const char *record, const char *include)
{
	g_autofree char *term = g_strconcat("include:", include, NULL);
	g_auto(GStrv) words = g_strsplit(record, " ", -1);

	for (char **word = words; *word; word++)
		if (g_ascii_strcasecmp(*word + strspn(*word, "+"), term) == 0)
			return TRUE;
	return FALSE;
}

/* Where no address is known: whether there is a record, and what it includes. 192.0.2.1 (RFC 5737)
 * is nobody's: it makes the whole record be read. */
static void tell_unseen(const struct domain *domain, struct spf_verdict *verdict)
{
	struct findings *findings = domain->check->findings;
	const char *include = domain->provider ? domain->provider->include : NULL;

	spf_check("192.0.2.1", domain->envelope, ask, domain->check->dns, verdict);
	if (!verdict->record || verdict->why) {
		tell_refused(domain, verdict, "");
	} else if (include && has_include(verdict->record, include)) {
		finding_add(findings, FINDING_GOOD, "domain.spf", "SPF",
			    _("includes the provider's servers: %s"), verdict->record);
	} else if (include) {
		finding_add(findings, FINDING_FAILED, "domain.spf", "SPF",
			    _("does not include the provider's servers: %s"), verdict->record);
		propose_spf(domain, verdict);
	} else {
		finding_add(findings, FINDING_NOTE, "domain.spf", "SPF",
			    _("it is not known from which address letters come: %s"),
			    verdict->record);
		finding_advise(findings, "%s",
			       _("Name the address with --outgoing to have it judged."));
	}
}

static void tell_spf(const struct domain *domain)
{
	struct spf_verdict verdict = {.result = SPF_NONE};
	const char *refused = first_refused(domain, &verdict);

	if (!domain->addresses->len)
		tell_unseen(domain, &verdict);
	else if (refused)
		tell_refused(domain, &verdict, refused);
	else
		finding_add(
		    domain->check->findings, FINDING_GOOD, "domain.spf", "SPF",
		    _("pass for %s by “%s” (%u of 10 look-ups): %s"),
		    (const char *)g_ptr_array_index(domain->addresses, domain->addresses->len - 1),
		    verdict.term ? verdict.term : "", verdict.lookups, verdict.record);
	spf_verdict_clear(&verdict);
}

static gboolean is_same_or_above(const char *above, const char *name)
{
	gsize length = strlen(name);
	gsize tail = strlen(above);

	return g_ascii_strcasecmp(above, name) == 0 ||
	       (length > tail && name[length - tail - 1] == '.' &&
		g_ascii_strcasecmp(name + length - tail, above) == 0);
}

/* The key that signs: of a signature for our domain, else the selector of the setting. NULL when
 * neither is known; `signer_out` (transfer full) names who signed instead. */
static char *find_key_name(const struct domain *domain, char **signer_out)
{
	const struct mail_check *check = domain->check;
	const char *selector = office_setting(check->office, "mail", "dkim_selector", "");

	*signer_out = NULL;
	for (guint i = 0; check->arrival && i < check->arrival->signatures->len; i++) {
		const char *signature = g_ptr_array_index(check->arrival->signatures, i);
		g_autofree char *signer = policy_tag(signature, "d");
		g_autofree char *own = policy_tag(signature, "s");

		if (signer && own && is_same_or_above(signer, domain->name))
			return g_strdup_printf("%s._domainkey.%s", own, signer);
		if (signer && !*signer_out)
			*signer_out = g_steal_pointer(&signer);
	}
	return *selector ? g_strdup_printf("%s._domainkey.%s", selector, domain->name) : NULL;
}

static void propose_dkim(const struct domain *domain, const char *name)
{
	g_autofree char *own =
	    name ? g_strdup(name) : g_strdup_printf("pingyi._domainkey.%s", domain->name);

	finding_advise(domain->check->findings,
		       domain->provider
			   ? _("Switch DKIM on in the provider's console, and publish the key "
			       "that it shows, in this form:")
			   : _("opendkim-genkey makes a key (docs/relays.md); publish its public "
			       "half, in this form:"));
	finding_record(domain->check->findings, policy_zone_line(own, "v=DKIM1; k=rsa; p=…"));
}

static void tell_key(const struct domain *domain, const char *name)
{
	struct findings *findings = domain->check->findings;
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	enum dns_state state = dns_ask(domain->check->dns, DNS_TXT, name, values);
	struct dkim_verdict verdict;

	policy_dkim(values, &verdict);
	if (state == DNS_FAILED) {
		tell_silent(domain, "domain.dkim", "DKIM");
	} else if (verdict.state == DKIM_GOOD && !verdict.testing) {
		finding_add(findings, FINDING_GOOD, "domain.dkim", "DKIM", _("%s, %u bits: %s"),
			    verdict.algorithm, verdict.bits, name);
	} else if (verdict.state == DKIM_GOOD || verdict.state == DKIM_WEAK) {
		finding_add(findings, FINDING_WARN, "domain.dkim", "DKIM", _("%s, %u bits: %s"),
			    verdict.algorithm, verdict.bits, name);
		finding_advise(findings, "%s",
			       verdict.testing ? _("Take “t=y” off the key: it says that the "
						   "signature is only a test.")
					       : _("Change to a key of 2048 bits."));
	} else {
		finding_add(findings, FINDING_FAILED, "domain.dkim", "DKIM",
			    verdict.state == DKIM_MISSING   ? _("no key at %s")
			    : verdict.state == DKIM_REVOKED ? _("the key at %s is revoked")
							    : _("the key at %s is damaged or "
								"under 1024 bits"),
			    name);
		propose_dkim(domain, name);
	}
}

static void tell_dkim(const struct domain *domain)
{
	struct findings *findings = domain->check->findings;
	g_autofree char *signer = NULL;
	g_autofree char *name = find_key_name(domain, &signer);
	gboolean came = domain->check->arrival != NULL;

	if (came && domain->check->arrival->signatures->len == 0) {
		finding_add(findings, FINDING_FAILED, "domain.dkim", "DKIM", "%s",
			    _("the letter came without a signature"));
		propose_dkim(domain, name);
	} else if (signer) {
		finding_add(findings, FINDING_WARN, "domain.dkim", "DKIM",
			    _("the letter is signed for %s, not for %s"), signer, domain->name);
		propose_dkim(domain, name);
	} else if (name) {
		tell_key(domain, name);
	} else {
		finding_add(findings, FINDING_NOTE, "domain.dkim", "DKIM", "%s",
			    _("no letter was seen, and no selector is known"));
		finding_advise(findings, "%s",
			       _("Name it under [mail] dkim_selector to have the key judged."));
	}
}

static void tell_dmarc(const struct domain *domain)
{
	struct findings *findings = domain->check->findings;
	g_autofree char *at = g_strconcat("_dmarc.", domain->name, NULL);
	g_autofree char *text =
	    g_strdup_printf("v=DMARC1; p=none; rua=mailto:%s", probe_home(domain->check->probe));
	struct dmarc_verdict verdict;

	policy_dmarc(domain->name, ask, domain->check->dns, &verdict);
	if (verdict.state == DNS_FAILED) {
		tell_silent(domain, "domain.dmarc", "DMARC");
	} else if (!verdict.record || verdict.broken) {
		finding_add(findings, FINDING_FAILED, "domain.dmarc", "DMARC",
			    verdict.record ? _("the record is damaged: %s") : _("%s has no record"),
			    verdict.record ? verdict.record : domain->name);
		finding_advise(findings,
			       _("Publish for %s (later p=quarantine, when all letters pass):"),
			       domain->name);
		finding_record(findings, policy_zone_line(at, text));
	} else {
		finding_add(findings, FINDING_GOOD, "domain.dmarc", "DMARC", "p=%s (%s): %s",
			    verdict.policy, verdict.domain, verdict.record);
	}
	dmarc_verdict_clear(&verdict);
}

static void tell_ptr(const struct domain *domain, const char *address)
{
	struct findings *findings = domain->check->findings;
	const char *own = *domain->check->offers.name ? domain->check->offers.name
						      : probe_host(domain->check->probe);
	g_autofree char *name = NULL;
	g_autofree char *reverse = dns_reverse_name(address);
	enum spf_result result = spf_confirm_name(address, ask, domain->check->dns, &name);

	if (result == SPF_PASS) {
		finding_add(findings, FINDING_GOOD, "domain.ptr", "PTR", "%s ↔ %s", address, name);
		return;
	}
	if (result == SPF_TEMPERROR) {
		tell_silent(domain, "domain.ptr", "PTR");
		return;
	}
	if (result == SPF_NONE)
		finding_add(findings, FINDING_FAILED, "domain.ptr", "PTR", _("%s has no name"),
			    address);
	else
		finding_add(findings, FINDING_FAILED, "domain.ptr", "PTR",
			    _("%s is called %s, but that name does not lead back"), address, name);
	finding_advise(findings, "%s",
		       _("Whoever gave you the address (the cloud's console, the network's "
			 "provider) publishes:"));
	if (own && strchr(own, '.') && !g_hostname_is_ip_address(own))
		finding_record(findings, g_strdup_printf("%s. IN PTR %s.", reverse, own));
}

/* Whether answers and bounces find the way. */
static void tell_mx(const struct domain *domain, const char *name)
{
	struct findings *findings = domain->check->findings;
	g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
	enum dns_state state = dns_ask(domain->check->dns, DNS_MX, name, hosts);
	gboolean null = hosts->len == 1 && strcmp(g_ptr_array_index(hosts, 0), ".") == 0;

	if (state == DNS_FAILED) {
		tell_silent(domain, "domain.mx", "MX");
		return;
	}
	if (hosts->len && !null) {
		g_ptr_array_add(hosts, NULL);
		finding_add(findings, FINDING_GOOD, "domain.mx", "MX", "%s: %s", name,
			    (const char *)g_ptr_array_index(hosts, 0));
		return;
	}
	if (!null)
		dns_ask(domain->check->dns, DNS_A, name, addresses);
	finding_add(findings, addresses->len ? FINDING_WARN : FINDING_FAILED, "domain.mx", "MX",
		    addresses->len ? _("%s has no MX; mail goes to its own address")
				   : _("%s takes no mail: answers and bounces cannot come"),
		    name);
	finding_advise(findings, _("Publish the mail server of %s:"), name);
	finding_record(findings, g_strdup_printf("%s. IN MX 10 mail.%s.", name, name));
}

void mail_check_domain(struct mail_check *check)
{
	const char *bounces = probe_bounce_domain(check->probe);
	gboolean by_domain = probe_verp(check->probe) == VERP_DOMAIN && *bounces;
	struct domain domain = {.check = check};
	g_autofree char *title = NULL;
	const char *host = probe_host(check->probe);

	domain.name = strrchr(probe_from(check->probe), '@') + 1;
	domain.envelope = by_domain ? bounces : domain.name;
	title = g_strdup_printf(_("Domain %s"), domain.name);
	finding_section(check->findings, title);
	if (!strchr(domain.name, '.') || policy_is_public_domain(domain.name)) {
		finding_add(check->findings, strchr(domain.name, '.') ? FINDING_NOTE : FINDING_WARN,
			    "domain.name", _("Records"), "%s",
			    strchr(domain.name, '.')
				? _("its provider publishes them; there is nothing to do")
				: _("this is no name of the internet"));
		if (!strchr(domain.name, '.'))
			finding_advise(check->findings, "%s",
				       _("Set [mail] from to the office's address."));
		return;
	}
	domain.provider = host ? policy_provider_of(host) : NULL;
	domain.addresses = g_ptr_array_new_with_free_func(g_free);
	find_addresses(&domain);
	tell_spf(&domain);
	tell_dkim(&domain);
	tell_dmarc(&domain);
	for (guint i = 0; !domain.provider && i < domain.addresses->len; i++)
		tell_ptr(&domain, g_ptr_array_index(domain.addresses, i));
	tell_mx(&domain, domain.name);
	if (by_domain)
		tell_mx(&domain, bounces);
	g_ptr_array_unref(domain.addresses);
}
