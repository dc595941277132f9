#include "mailer/spf.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <string.h>

#define DOMAIN_MAX 253 /* characters, RFC 1035, 2.3.4 */
#define LABEL_MAX  63

struct address {
	guint8 bytes[16];
	guint size; /* 4 or 16, 0 where the text was none */
};

enum kind { ALL, INCLUDE, A, MX, PTR, IP4, IP6, EXISTS, REDIRECT, OTHER };

struct term {
	enum kind kind;
	enum spf_result result; /* what a match means */
	char *target;           /* a domain or address, NULL when the term names none */
	guint bits4, bits6;     /* of the network */
	gboolean macro;
	const char *text; /* as it is written; borrowed */
};

/* One evaluation, all included records with it. */
struct check {
	struct address address;
	const char *address_text;
	dns_asker *ask;
	void *user;
	guint voids;
	struct spf_verdict *verdict;
};

/* What asking for a term gave. */
enum match { NO, YES, STOP };

static struct address parse_address(const char *text)
{
	struct address address = {.size = 0};
	static const guint8 mapped[12] = {[10] = 0xff, [11] = 0xff};

	if (inet_pton(AF_INET, text, address.bytes) == 1)
		address.size = 4;
	else if (inet_pton(AF_INET6, text, address.bytes) == 1)
		address.size = 16;
	/* ::ffff:192.0.2.1 is an address of IPv4 (section 5) */
	if (address.size == 16 && memcmp(address.bytes, mapped, sizeof(mapped)) == 0) {
		memmove(address.bytes, address.bytes + 12, 4);
		address.size = 4;
	}
	return address;
}

gboolean spf_same_address(const char *a, const char *b)
{
	struct address left = parse_address(a);
	struct address right = parse_address(b);

	return left.size && left.size == right.size &&
	       memcmp(left.bytes, right.bytes, left.size) == 0;
}

static gboolean in_network(const struct address *address, const char *network, guint bits4,
			   guint bits6)
{
	struct address net = parse_address(network);
	guint bits = net.size == 4 ? bits4 : bits6;
	guint whole = bits / 8;
	guint8 mask = (guint8)(0xff00u >> bits % 8);

	if (!net.size || net.size != address->size)
		return FALSE;
	return memcmp(net.bytes, address->bytes, whole) == 0 &&
	       (bits % 8 == 0 || ((net.bytes[whole] ^ address->bytes[whole]) & mask) == 0);
}

/* A whole number up to `max`, as 12 writes it (no zero before it). */
static gboolean parse_bits(const char *text, guint max, guint *bits_out)
{
	guint64 number = 0;

	if ((text[0] == '0' && text[1]) ||
	    !g_ascii_string_to_unsigned(text, 10, 0, max, &number, NULL))
		return FALSE;
	*bits_out = (guint)number;
	return TRUE;
}

static gboolean is_domain(const char *text)
{
	g_auto(GStrv) labels = g_strsplit(text, ".", -1);
	guint n = g_strv_length(labels);

	if (n > 0 && !*labels[n - 1]) /* the dot at the end */
		n--;
	if (n < 2 || strlen(text) > DOMAIN_MAX)
		return FALSE;
	for (guint i = 0; i < n; i++) {
		gsize length = strlen(labels[i]);

		if (length < 1 || length > LABEL_MAX)
			return FALSE;
		for (const char *c = labels[i]; *c; c++)
			if (*c <= ' ' || *c >= 0x7f || *c == '/' || *c == ':')
				return FALSE;
	}
	return strspn(labels[n - 1], "0123456789") != strlen(labels[n - 1]);
}

/* Cuts "/24", "//64" or "/24//64" off the end of `rest`. */
static gboolean take_bits(char *rest, struct term *term)
{
	char *six = strstr(rest, "//");
	char *four;

	if (six) {
		*six = '\0';
		if (!parse_bits(six + 2, 128, &term->bits6))
			return FALSE;
	}
	four = strchr(rest, '/');
	if (four) {
		*four = '\0';
		return parse_bits(four + 1, 32, &term->bits4);
	}
	return TRUE;
}

/* ip4:192.0.2.0/24 and ip6:2001:db8::/32. */
static gboolean parse_network(char *rest, struct term *term)
{
	gboolean four = term->kind == IP4;
	char *slash = strchr(rest, '/');

	if (slash) {
		*slash = '\0';
		if (!parse_bits(slash + 1, four ? 32 : 128, four ? &term->bits4 : &term->bits6))
			return FALSE;
	}
	term->target = g_strdup(rest);
	return inet_pton(four ? AF_INET : AF_INET6, rest, (guint8[sizeof(struct in6_addr)]){0}) ==
	       1;
}

/* The domain of a term; one with a macro is let pass as it is. */
static gboolean parse_target(const char *text, struct term *term)
{
	term->macro = strchr(text, '%') != NULL;
	term->target = g_strdup(text);
	return *text && (term->macro || is_domain(text));
}

static gboolean parse_mechanism(const char *text, struct term *term)
{
	static const char *const names[] = {"all", "include", "a",   "mx",
					    "ptr", "ip4",     "ip6", "exists"};
	static const char *const signs = "+-?~";
	static const enum spf_result results[] = {SPF_PASS, SPF_FAIL, SPF_NEUTRAL, SPF_SOFTFAIL};
	const char *sign = *text ? strchr(signs, *text) : NULL;
	const char *name = sign ? text + 1 : text;
	gsize length = strcspn(name, ":/");
	g_autofree char *rest = g_strdup(name + length);
	gboolean named = *rest == ':';

	term->result = sign ? results[sign - signs] : SPF_PASS;
	term->kind = OTHER;
	for (guint i = 0; i < G_N_ELEMENTS(names); i++)
		if (strlen(names[i]) == length && g_ascii_strncasecmp(name, names[i], length) == 0)
			term->kind = (enum kind)i;
	switch (term->kind) {
	case ALL:
		return !*rest;
	case IP4:
	case IP6:
		return named && parse_network(rest + 1, term);
	case A:
	case MX:
		if (!strchr(rest, '%') && !take_bits(rest, term))
			return FALSE;
		return !named || parse_target(rest + 1, term);
	case PTR:
		return !*rest || (named && parse_target(rest + 1, term));
	case INCLUDE:
	case EXISTS:
		return named && parse_target(rest + 1, term);
	default:
		return FALSE;
	}
}

/* Reads one term; FALSE when it is none (12). */
static gboolean parse_term(const char *text, struct term *term)
{
	gsize name = strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "0123456789-_.");

	*term = (struct term){.bits4 = 32, .bits6 = 128, .text = text};
	if (text[name] != '=' || !g_ascii_isalpha(*text))
		return parse_mechanism(text, term);
	term->kind = OTHER;
	if (name == strlen("redirect") && g_ascii_strncasecmp(text, "redirect", name) == 0)
		term->kind = REDIRECT;
	return term->kind == OTHER || parse_target(text + name + 1, term);
}

static void term_clear(gpointer data)
{
	g_free(((struct term *)data)->target);
}

static enum spf_result fail(struct check *check, enum spf_result result, const char *why,
			    const char *term)
{
	if (!check->verdict->why) {
		check->verdict->why = why;
		check->verdict->term = g_strdup(term);
	}
	return result;
}

/* Asks for a term, and counts what comes back empty. */
static enum match asked(struct check *check, enum dns_type type, const char *name,
			const struct term *term, GPtrArray *values, enum spf_result *stop_out)
{
	enum dns_state state = check->ask(check->user, type, name, values);

	if (state == DNS_FAILED) {
		*stop_out =
		    fail(check, SPF_TEMPERROR, N_("the name server did not answer"), term->text);
		return STOP;
	}
	if (state == DNS_NONE && ++check->voids > SPF_VOID_MAX) {
		*stop_out =
		    fail(check, SPF_PERMERROR,
			 N_("more than 2 of its terms name what does not exist"), term->text);
		return STOP;
	}
	return state == DNS_FOUND ? YES : NO;
}

/* Whether one of a host's addresses is in the term's network. */
static enum match host_match(struct check *check, const char *host, const struct term *term,
			     enum spf_result *stop_out)
{
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	enum match match =
	    asked(check, check->address.size == 4 ? DNS_A : DNS_AAAA, host, term, values, stop_out);

	if (match != YES)
		return match;
	for (guint i = 0; i < values->len; i++)
		if (in_network(&check->address, g_ptr_array_index(values, i), term->bits4,
			       term->bits6))
			return YES;
	return NO;
}

static enum match mx_match(struct check *check, const char *domain, const struct term *term,
			   enum spf_result *stop_out)
{
	g_autoptr(GPtrArray) hosts = g_ptr_array_new_with_free_func(g_free);
	enum match match = asked(check, DNS_MX, domain, term, hosts, stop_out);

	if (match != YES)
		return match;
	if (hosts->len > SPF_HOSTS_MAX) {
		*stop_out = fail(check, SPF_PERMERROR, N_("more than 10 mail hosts"), term->text);
		return STOP;
	}
	for (guint i = 0; i < hosts->len; i++) {
		match = host_match(check, g_ptr_array_index(hosts, i), term, stop_out);
		if (match != NO)
			return match;
	}
	return NO;
}

/* Whether one of `names` leads back to the address. */
static gboolean leads_back(dns_asker *ask, void *user, const char *name,
			   const struct address *address, enum dns_state *state_out)
{
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

	*state_out = ask(user, address->size == 4 ? DNS_A : DNS_AAAA, name, values);
	for (guint i = 0; i < values->len; i++)
		if (in_network(address, g_ptr_array_index(values, i), 32, 128))
			return TRUE;
	return FALSE;
}

/* 5.5: one of the address's confirmed names is the domain or below it; errors are no match. */
static gboolean ptr_match(struct check *check, const char *domain)
{
	g_autofree char *reverse = dns_reverse_name(check->address_text);
	g_autofree char *below = g_strconcat(".", domain, NULL);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	enum dns_state state;

	if (reverse)
		check->ask(check->user, DNS_PTR, reverse, names);
	for (guint i = 0; i < MIN(names->len, SPF_HOSTS_MAX); i++) {
		const char *name = g_ptr_array_index(names, i);
		gsize length = strlen(name);
		gboolean fits = g_ascii_strcasecmp(name, domain) == 0 ||
				(length > strlen(below) &&
				 g_ascii_strcasecmp(name + length - strlen(below), below) == 0);

		if (fits && leads_back(check->ask, check->user, name, &check->address, &state))
			return TRUE;
	}
	return FALSE;
}

static enum spf_result evaluate(struct check *check, const char *domain, gboolean own);

/* 5.2 */
static enum match include_match(struct check *check, const struct term *term,
				enum spf_result *stop_out)
{
	enum spf_result result = evaluate(check, term->target, FALSE);

	*stop_out = result;
	if (check->verdict->macro || result == SPF_TEMPERROR || result == SPF_PERMERROR)
		return STOP;
	if (result != SPF_NONE)
		return result == SPF_PASS ? YES : NO;
	*stop_out = fail(check, SPF_PERMERROR, N_("it includes a domain without an SPF record"),
			 term->text);
	return STOP;
}

/* Whether the term says something about the address; with STOP *stop_out is the result. */
static enum match term_match(struct check *check, const char *domain, const struct term *term,
			     enum spf_result *stop_out)
{
	const char *target = term->target ? term->target : domain;
	gboolean asks = term->kind != ALL && term->kind != IP4 && term->kind != IP6;

	if (asks && ++check->verdict->lookups > SPF_LOOKUPS_MAX) {
		*stop_out =
		    fail(check, SPF_PERMERROR,
			 N_("more than 10 terms that ask the domain name system"), term->text);
		return STOP;
	}
	if (term->macro) {
		check->verdict->macro = TRUE;
		g_free(check->verdict->term);
		check->verdict->term = g_strdup(term->text);
		*stop_out = SPF_NEUTRAL;
		return STOP;
	}
	switch (term->kind) {
	case ALL:
		return YES;
	case IP4:
	case IP6:
		return in_network(&check->address, target, term->bits4, term->bits6) ? YES : NO;
	case INCLUDE:
		return include_match(check, term, stop_out);
	case A:
		return host_match(check, target, term, stop_out);
	case MX:
		return mx_match(check, target, term, stop_out);
	case PTR:
		return ptr_match(check, target) ? YES : NO;
	case EXISTS: {
		g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);

		return asked(check, DNS_A, target, term, values, stop_out);
	}
	default:
		return NO;
	}
}

/* The terms behind "v=spf1". NULL when one is wrong. Returns: (transfer full) */
static GArray *parse_terms(struct check *check, char **words)
{
	g_autoptr(GArray) terms = g_array_new(FALSE, FALSE, sizeof(struct term));
	guint redirects = 0;

	g_array_set_clear_func(terms, term_clear);
	for (char **word = words; *word; word++) {
		struct term term;
		gboolean good;

		if (!**word)
			continue;
		good = parse_term(*word, &term);
		g_array_append_val(terms, term);
		redirects += term.kind == REDIRECT;
		if (!good || redirects > 1) {
			fail(check, SPF_PERMERROR, N_("a term is not as RFC 7208 writes it"),
			     *word);
			return NULL;
		}
	}
	return g_steal_pointer(&terms);
}

static enum spf_result apply(struct check *check, const char *domain, const GArray *terms,
			     gboolean own)
{
	const struct term *redirect = NULL;
	enum spf_result result = SPF_NEUTRAL;
	enum match match = NO;

	for (guint i = 0; i < terms->len; i++) {
		const struct term *term = &g_array_index(terms, struct term, i);

		if (term->kind == REDIRECT)
			redirect = term;
		if (term->kind == REDIRECT || term->kind == OTHER)
			continue;
		match = term_match(check, domain, term, &result);
		if (match == STOP)
			return result;
		if (match == YES && own) {
			g_free(check->verdict->term);
			check->verdict->term = g_strdup(term->text);
		}
		if (match == YES)
			return term->result;
	}
	if (!redirect)
		return SPF_NEUTRAL;
	/* 6.1: its target's record stands for this one */
	term_match(check, domain, redirect, &result);
	if (check->verdict->macro || check->verdict->why)
		return result;
	result = evaluate(check, redirect->target, own);
	return result == SPF_NONE
		   ? fail(check, SPF_PERMERROR,
			  N_("it redirects to a domain without an SPF record"), redirect->text)
		   : result;
}

static gboolean is_record(const char *text)
{
	return g_ascii_strncasecmp(text, "v=spf1", 6) == 0 && (text[6] == ' ' || !text[6]);
}

/* check_host() of section 4; `own` for the domain that was asked about, and what it redirects to.
 * Every level is a term that asks, so that SPF_LOOKUPS_MAX bounds the depth. */
static enum spf_result evaluate(struct check *check, const char *domain, gboolean own)
{
	g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) words = NULL;
	g_autoptr(GArray) terms = NULL;
	const char *record = NULL;

	if (check->ask(check->user, DNS_TXT, domain, values) == DNS_FAILED)
		return fail(check, SPF_TEMPERROR, N_("the name server did not answer"), domain);
	for (guint i = 0; i < values->len; i++) {
		if (!is_record(g_ptr_array_index(values, i)))
			continue;
		if (record)
			return fail(check, SPF_PERMERROR, N_("there is more than one SPF record"),
				    domain);
		record = g_ptr_array_index(values, i);
	}
	if (!record)
		return SPF_NONE;
	if (own && !check->verdict->record)
		check->verdict->record = g_strndup(record, SPF_RECORD_MAX);
	if (strlen(record) > SPF_RECORD_MAX)
		return fail(check, SPF_PERMERROR, N_("the record is too long"), domain);
	words = g_strsplit(record + strlen("v=spf1"), " ", -1);
	terms = parse_terms(check, words);
	return terms ? apply(check, domain, terms, own) : SPF_PERMERROR;
}

void spf_check(const char *address, const char *domain, dns_asker *ask, void *user,
	       struct spf_verdict *verdict_out)
{
	struct check check = {.address = parse_address(address),
			      .address_text = address,
			      .ask = ask,
			      .user = user,
			      .verdict = verdict_out};

	memset(verdict_out, 0, sizeof(*verdict_out));
	if (check.address.size)
		verdict_out->result = evaluate(&check, domain, TRUE);
}

void spf_verdict_clear(struct spf_verdict *verdict)
{
	g_clear_pointer(&verdict->record, g_free);
	g_clear_pointer(&verdict->term, g_free);
}

const char *spf_result_name(enum spf_result result)
{
	static const char *const names[] = {
	    [SPF_NONE] = "none",           [SPF_NEUTRAL] = "neutral",
	    [SPF_PASS] = "pass",           [SPF_FAIL] = "fail",
	    [SPF_SOFTFAIL] = "softfail",   [SPF_TEMPERROR] = "temperror",
	    [SPF_PERMERROR] = "permerror",
	};

	return names[result];
}

enum spf_result spf_confirm_name(const char *address, dns_asker *ask, void *user, char **name_out)
{
	struct address parsed = parse_address(address);
	g_autofree char *reverse = dns_reverse_name(address);
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	enum spf_result result = SPF_FAIL;
	enum dns_state state = reverse ? ask(user, DNS_PTR, reverse, names) : DNS_NONE;

	*name_out = NULL;
	if (state != DNS_FOUND)
		return state == DNS_NONE ? SPF_NONE : SPF_TEMPERROR;
	for (guint i = 0; i < MIN(names->len, SPF_HOSTS_MAX); i++) {
		const char *name = g_ptr_array_index(names, i);

		if (leads_back(ask, user, name, &parsed, &state)) {
			*name_out = g_strdup(name);
			return SPF_PASS;
		}
		if (state == DNS_FAILED)
			result = SPF_TEMPERROR;
	}
	*name_out = g_strdup(g_ptr_array_index(names, 0));
	return result;
}
