#include "mailer/sender_policy.h"

#include <arpa/inet.h>
#include <string.h>

#define STRING_MAX   255 /* bytes of one string of a TXT record, RFC 1035, 3.3 */
#define RSA_BITS     2048
#define RSA_BITS_MIN 1024 /* RFC 8301, 3.2 */
#define ED25519_SIZE 32

char *policy_tag(const char *record, const char *name)
{
	g_auto(GStrv) tags = NULL;

	if (strlen(record) > POLICY_RECORD_MAX)
		return NULL;
	tags = g_strsplit(record, ";", POLICY_TAGS_MAX);
	for (char **tag = tags; *tag; tag++) {
		char *equals = strchr(*tag, '=');

		if (!equals)
			continue;
		*equals = '\0';
		if (strcmp(g_strstrip(*tag), name) == 0)
			return g_strdup(g_strstrip(equals + 1));
	}
	return NULL;
}

/* One element of DER whose tag is `tag`; what it holds goes to *at and *size, what follows it to
 * *rest. FALSE when there is none. */
static gboolean der_enter(guint8 tag, const guint8 **at, gsize *size, const guint8 **rest,
			  gsize *rest_size)
{
	gsize head = 2;
	gsize length;

	if (*size < 2 || (*at)[0] != tag)
		return FALSE;
	length = (*at)[1];
	if (length & 0x80) {
		gsize bytes = length & 0x7f;

		if (bytes < 1 || bytes > 2 || *size < 2 + bytes)
			return FALSE;
		length = 0;
		for (gsize i = 0; i < bytes; i++)
			length = length << 8 | (*at)[2 + i];
		head += bytes;
	}
	if (length > *size - head)
		return FALSE;
	*rest = *at + head + length;
	*rest_size = *size - head - length;
	*at += head;
	*size = length;
	return TRUE;
}

/* The bits of the modulus in a SubjectPublicKeyInfo (RFC 5280, 4.1) or an RSAPublicKey (RFC 8017,
 * A.1.1); 0 when it is neither. */
static guint rsa_bits(const guint8 *der, gsize size)
{
	const guint8 *rest = NULL;
	const guint8 *inner = der;
	gsize rest_size = 0;
	gsize inner_size = size;
	guint bits;

	if (!der_enter(0x30, &inner, &inner_size, &rest, &rest_size))
		return 0;
	der = inner;
	size = inner_size;
	/* the algorithm, then a bit string with the key in it */
	if (der_enter(0x30, &inner, &inner_size, &rest, &rest_size)) {
		der = rest;
		size = rest_size;
		if (!der_enter(0x03, &der, &size, &rest, &rest_size) || size < 1 || der[0] != 0)
			return 0;
		der++;
		size--;
		if (!der_enter(0x30, &der, &size, &rest, &rest_size))
			return 0;
	}
	if (!der_enter(0x02, &der, &size, &rest, &rest_size))
		return 0;
	for (; size > 0 && der[0] == 0; size--)
		der++;
	bits = (guint)size * 8;
	for (guint8 mask = 0x80; size > 0 && !(der[0] & mask); mask >>= 1)
		bits--;
	return bits;
}

/* Base64 with white space in it; NULL when it is anything else. Returns: (transfer full) */
static guchar *decode_key(const char *text, gsize *size_out)
{
	GString *clean = g_string_new(NULL);
	g_autofree char *owned = NULL;

	for (; *text; text++)
		if (!g_ascii_isspace(*text))
			g_string_append_c(clean, *text);
	owned = g_string_free(clean, FALSE);
	if (strspn(owned, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/=") !=
	    strlen(owned))
		return NULL;
	return g_base64_decode(owned, size_out);
}

static enum dkim_state judge_key(const char *key, const char *algorithm,
				 struct dkim_verdict *verdict)
{
	gsize size = 0;
	g_autofree guchar *bytes = decode_key(key, &size);

	if (!bytes)
		return DKIM_BROKEN;
	if (algorithm && strcmp(algorithm, "ed25519") == 0) {
		verdict->algorithm = "ed25519";
		verdict->bits = size == ED25519_SIZE ? 256 : 0;
		return verdict->bits ? DKIM_GOOD : DKIM_BROKEN;
	}
	if (algorithm && strcmp(algorithm, "rsa") != 0)
		return DKIM_BROKEN;
	verdict->algorithm = "rsa";
	verdict->bits = rsa_bits(bytes, size);
	if (verdict->bits < RSA_BITS_MIN)
		return DKIM_BROKEN;
	return verdict->bits < RSA_BITS ? DKIM_WEAK : DKIM_GOOD;
}

void policy_dkim(const GPtrArray *records, struct dkim_verdict *verdict_out)
{
	memset(verdict_out, 0, sizeof(*verdict_out));
	verdict_out->state = DKIM_MISSING;
	for (guint i = 0; i < records->len; i++) {
		const char *record = g_ptr_array_index(records, i);
		g_autofree char *version = policy_tag(record, "v");
		g_autofree char *key = policy_tag(record, "p");
		g_autofree char *algorithm = policy_tag(record, "k");
		g_autofree char *flags = policy_tag(record, "t");
		g_auto(GStrv) flag = g_strsplit(flags ? flags : "", ":", POLICY_TAGS_MAX);

		/* other texts may stand there; v= is left out or is DKIM1 (3.6.1) */
		if ((version && strcmp(version, "DKIM1") != 0) || (!version && !key))
			continue;
		verdict_out->testing = g_strv_contains((const char *const *)flag, "y");
		verdict_out->state = !key    ? DKIM_BROKEN
				     : !*key ? DKIM_REVOKED
					     : judge_key(key, algorithm, verdict_out);
		return;
	}
}

/* RFC 7489, 6.3: the version comes first. */
static gboolean is_dmarc(const char *text)
{
	g_autofree char *version = policy_tag(text, "v");
	const char *first = text + strspn(text, " \t");

	return g_strcmp0(version, "DMARC1") == 0 && *first == 'v';
}

static gboolean known_policy(const char *policy)
{
	return policy && (strcmp(policy, "none") == 0 || strcmp(policy, "quarantine") == 0 ||
			  strcmp(policy, "reject") == 0);
}

/* Reads what stands at one level. Returns: whether that ends the search. */
static gboolean dmarc_at(const char *domain, gboolean above, dns_asker *ask, void *user,
			 struct dmarc_verdict *verdict)
{
	g_autofree char *name = g_strconcat("_dmarc.", domain, NULL);
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *reports = NULL;

	verdict->state = ask(user, DNS_TXT, name, values);
	if (verdict->state == DNS_FAILED)
		return TRUE;
	for (guint i = 0; i < values->len; i++) {
		if (!is_dmarc(g_ptr_array_index(values, i)))
			continue;
		verdict->broken |= verdict->record != NULL;
		if (!verdict->record)
			verdict->record = g_strdup(g_ptr_array_index(values, i));
	}
	verdict->state = verdict->record ? DNS_FOUND : DNS_NONE;
	if (!verdict->record)
		return FALSE;
	verdict->domain = g_strdup(domain);
	verdict->policy = above ? policy_tag(verdict->record, "sp") : NULL;
	if (!verdict->policy)
		verdict->policy = policy_tag(verdict->record, "p");
	for (char *c = verdict->policy; c && *c; c++)
		*c = g_ascii_tolower(*c);
	reports = policy_tag(verdict->record, "rua");
	verdict->reported = reports && *reports;
	verdict->broken |= !known_policy(verdict->policy);
	return TRUE;
}

void policy_dmarc(const char *domain, dns_asker *ask, void *user, struct dmarc_verdict *verdict_out)
{
	memset(verdict_out, 0, sizeof(*verdict_out));
	verdict_out->state = DNS_NONE;
	for (guint level = 0; level < POLICY_LEVELS_MAX && domain && strchr(domain, '.'); level++) {
		if (dmarc_at(domain, level > 0, ask, user, verdict_out))
			return;
		domain = strchr(domain, '.') + 1;
	}
}

void dmarc_verdict_clear(struct dmarc_verdict *verdict)
{
	g_clear_pointer(&verdict->domain, g_free);
	g_clear_pointer(&verdict->record, g_free);
	g_clear_pointer(&verdict->policy, g_free);
}

static gboolean is_below(const char *host, const char *domain)
{
	gsize length = strlen(host);
	gsize tail = strlen(domain);

	return g_ascii_strcasecmp(host, domain) == 0 ||
	       (length > tail && host[length - tail - 1] == '.' &&
		g_ascii_strcasecmp(host + length - tail, domain) == 0);
}

const struct policy_provider *policy_provider_of(const char *host)
{
	/* As the providers' help pages give them, or their customers' records do (docs/relays.md);
	 * longer names first. */
	static const struct policy_provider providers[] = {
	    {"exmail.qq.com", "spf.mail.qq.com", "~all"},
	    {"qiye.aliyun.com", "spf.qiye.aliyun.com", "-all"},
	    {"mxhichina.com", "spf.qiye.aliyun.com", "-all"},
	    {"smtpdm.aliyun.com", "spf1.dm.aliyun.com", "-all"},
	    {"dm.aliyun.com", "spf1.dm.aliyun.com", "-all"},
	    {"qiye.163.com", "spf.qiye.163.com", "-all"},
	    {"163.com", NULL, NULL},
	    {"126.com", NULL, NULL},
	    {"yeah.net", NULL, NULL},
	    {"qq.com", NULL, NULL},
	    {"139.com", NULL, NULL},
	    {"189.cn", NULL, NULL},
	    {"aliyun.com", NULL, NULL},
	};

	for (guint i = 0; i < G_N_ELEMENTS(providers); i++)
		if (is_below(host, providers[i].hosts))
			return &providers[i];
	return NULL;
}

gboolean policy_is_public_domain(const char *domain)
{
	static const char *const domains[] = {
	    "163.com",   "126.com",     "yeah.net",     "188.com",  "vip.163.com", "vip.126.com",
	    "qq.com",    "vip.qq.com",  "foxmail.com",  "139.com",  "189.cn",      "wo.cn",
	    "sina.com",  "sina.cn",     "vip.sina.com", "sohu.com", "aliyun.com",  "21cn.com",
	    "gmail.com", "outlook.com", "hotmail.com"};

	for (guint i = 0; i < G_N_ELEMENTS(domains); i++)
		if (g_ascii_strcasecmp(domain, domains[i]) == 0)
			return TRUE;
	return FALSE;
}

/* "include:…", or the addresses one after another. NULL when there are none. */
static char *new_terms(const struct policy_provider *provider, const GPtrArray *addresses)
{
	GString *terms = g_string_new(NULL);

	if (provider && provider->include) {
		g_string_append_printf(terms, "include:%s", provider->include);
		return g_string_free(terms, FALSE);
	}
	for (guint i = 0; i < addresses->len; i++) {
		const char *address = g_ptr_array_index(addresses, i);

		g_string_append_printf(terms, "%sip%c:%s", i ? " " : "",
				       strchr(address, ':') ? '6' : '4', address);
	}
	return g_string_free(terms, terms->len == 0);
}

char *policy_spf_record(const char *record, const struct policy_provider *provider,
			const GPtrArray *addresses)
{
	g_autofree char *terms = new_terms(provider, addresses);
	g_auto(GStrv) words = NULL;
	GString *out;
	gboolean done = FALSE;

	if (!terms)
		return NULL;
	if (!record)
		return g_strdup_printf("v=spf1 %s %s", terms,
				       provider && provider->ends ? provider->ends : "-all");
	/* before whatever takes all the rest, or at the end */
	words = g_strsplit(record, " ", -1);
	out = g_string_new(NULL);
	for (char **word = words; *word; word++) {
		if (!**word)
			continue;
		if (!done && (g_ascii_strcasecmp(*word + strspn(*word, "+-?~"), "all") == 0 ||
			      g_ascii_strncasecmp(*word, "redirect=", 9) == 0)) {
			g_string_append_printf(out, " %s", terms);
			done = TRUE;
		}
		g_string_append_printf(out, "%s%s", out->len ? " " : "", *word);
	}
	if (!done)
		g_string_append_printf(out, " %s", terms);
	return g_string_free(out, FALSE);
}

gboolean policy_is_private(const char *address)
{
	guint8 b[16];

	if (inet_pton(AF_INET, address, b) == 1)
		return b[0] == 0 || b[0] == 10 || b[0] == 127 ||
		       (b[0] == 172 && (b[1] & 0xf0) == 16) || (b[0] == 192 && b[1] == 168) ||
		       (b[0] == 169 && b[1] == 254) || (b[0] == 100 && (b[1] & 0xc0) == 64);
	if (inet_pton(AF_INET6, address, b) == 1)
		return (b[0] & 0xfe) == 0xfc || (b[0] == 0xfe && (b[1] & 0xc0) == 0x80) ||
		       strcmp(address, "::1") == 0 || strcmp(address, "::") == 0;
	return FALSE;
}

char *policy_zone_line(const char *name, const char *text)
{
	GString *out = g_string_new(NULL);
	gsize length = strlen(text);

	g_string_append_printf(out, "%s. IN TXT", name);
	for (gsize at = 0; at == 0 || at < length; at += STRING_MAX) {
		g_string_append(out, " \"");
		for (gsize i = at; i < MIN(at + STRING_MAX, length); i++) {
			if (text[i] == '"' || text[i] == '\\')
				g_string_append_c(out, '\\');
			g_string_append_c(out, text[i]);
		}
		g_string_append_c(out, '"');
	}
	return g_string_free(out, FALSE);
}
