#include "mailer/sender_policy.h"

#include <check.h>
#include <string.h>

/* A zone: what the domain name system holds in a test. "type name value"; a value "!" is a name
 * server that does not answer. */
struct record {
	enum dns_type type;
	const char *name;
	const char *value;
};

struct zone {
	const struct record *records;
	guint n;
	guint asked;
};

static enum dns_state ask(void *user, enum dns_type type, const char *name, GPtrArray *values)
{
	struct zone *zone = user;
	enum dns_state state = DNS_NONE;

	zone->asked++;
	for (guint i = 0; i < zone->n; i++) {
		const struct record *record = &zone->records[i];

		if (record->type != type || g_ascii_strcasecmp(record->name, name) != 0)
			continue;
		if (strcmp(record->value, "!") == 0)
			return DNS_FAILED;
		g_ptr_array_add(values, g_strdup(record->value));
		state = DNS_FOUND;
	}
	return state;
}

#define ZONE(...)                                                                                  \
	struct zone zone = {.records = (const struct record[]){__VA_ARGS__},                       \
			    .n = sizeof((const struct record[]){__VA_ARGS__}) /                    \
				 sizeof(struct record)}

/* What a record of d.example says of an address; the zone holds the rest. */
static void check_spf(struct zone *zone, const char *address, enum spf_result wanted,
		      const char *term)
{
	struct spf_verdict verdict;

	spf_check(address, "d.example", ask, zone, &verdict);
	ck_assert_str_eq(spf_result_name(verdict.result), spf_result_name(wanted));
	if (term)
		ck_assert_str_eq(verdict.term, term);
	spf_verdict_clear(&verdict);
}

/* A record alone: its result for 192.0.2.5. */
static void check_record(const char *text, enum spf_result wanted)
{
	ZONE({DNS_TXT, "d.example", text});
	struct spf_verdict verdict;

	spf_check("192.0.2.5", "d.example", ask, &zone, &verdict);
	ck_assert_msg(verdict.result == wanted, "%s: %s, not %s", text,
		      spf_result_name(verdict.result), spf_result_name(wanted));
	spf_verdict_clear(&verdict);
}

START_TEST(test_spf_networks)
{
	ZONE({DNS_TXT, "d.example",
	      "v=spf1 ip4:192.0.2.0/25 ip4:198.51.100.7 ip6:2001:db8::/33 -all"});

	check_spf(&zone, "192.0.2.5", SPF_PASS, "ip4:192.0.2.0/25");
	check_spf(&zone, "192.0.2.127", SPF_PASS, NULL);
	check_spf(&zone, "192.0.2.128", SPF_FAIL, "-all");
	check_spf(&zone, "198.51.100.7", SPF_PASS, "ip4:198.51.100.7");
	check_spf(&zone, "198.51.100.8", SPF_FAIL, NULL);
	check_spf(&zone, "2001:db8:7fff::1", SPF_PASS, "ip6:2001:db8::/33");
	check_spf(&zone, "2001:db8:8000::1", SPF_FAIL, NULL);
	check_spf(&zone, "::ffff:192.0.2.5", SPF_PASS, "ip4:192.0.2.0/25");
	check_spf(&zone, "no address", SPF_NONE, NULL);
}
END_TEST

START_TEST(test_spf_all)
{
	check_record("v=spf1 -all", SPF_FAIL);
	check_record("v=spf1 ~all", SPF_SOFTFAIL);
	check_record("v=spf1 ?all", SPF_NEUTRAL);
	check_record("v=spf1 +all", SPF_PASS);
	check_record("v=spf1 ALL", SPF_PASS);
	check_record("V=SPF1 -ALL", SPF_FAIL);
	check_record("v=spf1", SPF_NEUTRAL);
	check_record("v=spf1  ", SPF_NEUTRAL);
	check_record("v=spf10 -all", SPF_NONE);
	check_record("v=spf2 -all", SPF_NONE);
	check_record("v=spf1 ip4:0.0.0.0/0 -all", SPF_PASS);
	/* what stands behind "all" is never looked at, but must be well written */
	check_record("v=spf1 -all include:nowhere.example", SPF_FAIL);
	check_record("v=spf1 -all redirect=nowhere.example", SPF_FAIL);
	check_record("v=spf1 -all ip4:300.1.1.1", SPF_PERMERROR);
	/* unknown modifiers mean nothing (6) */
	check_record("v=spf1 moo=cow exp=why.d.example -all", SPF_FAIL);
}
END_TEST

START_TEST(test_spf_malformed)
{
	static const char *const wrong[] = {
	    "v=spf1 ipv4:192.0.2.5 -all",
	    "v=spf1 ip4 -all",
	    "v=spf1 ip4: -all",
	    "v=spf1 ip4:192.0.2.5/33 -all",
	    "v=spf1 ip4:192.0.2.5/024 -all",
	    "v=spf1 ip4:192.0.2.5/ -all",
	    "v=spf1 ip4:192.0.2 -all",
	    "v=spf1 ip6:192.0.2.5 -all",
	    "v=spf1 ip6:2001:db8::/129 -all",
	    "v=spf1 include -all",
	    "v=spf1 include: -all",
	    "v=spf1 include:localhost -all",
	    "v=spf1 include:a..example -all",
	    "v=spf1 include:a.example/24 -all",
	    "v=spf1 a:d.example/33 -all",
	    "v=spf1 a//129 -all",
	    "v=spf1 a: -all",
	    "v=spf1 mx:123.456 -all",
	    "v=spf1 all:d.example",
	    "v=spf1 -all/24",
	    "v=spf1 exists -all",
	    "v=spf1 redirect= -all",
	    "v=spf1 redirect=a.example redirect=b.example",
	    "v=spf1 *all",
	    "v=spf1 --all",
	    "v=spf1 , -all",
	    "v=spf1 \x01",
	};
	g_autofree char *label = g_strnfill(64, 'x');
	g_autofree char *long_label = g_strconcat("v=spf1 include:", label, ".example", NULL);
	g_autofree char *fill = g_strnfill(5000, 'x');
	g_autofree char *too_long = g_strconcat("v=spf1 x=", fill, " -all", NULL);

	for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
		check_record(wrong[i], SPF_PERMERROR);
	check_record(long_label, SPF_PERMERROR);
	check_record(too_long, SPF_PERMERROR);
}
END_TEST

START_TEST(test_spf_records)
{
	ZONE({DNS_TXT, "d.example", "google-site-verification=x"},
	     {DNS_TXT, "d.example", "v=spf1 -all"}, {DNS_TXT, "two.example", "v=spf1 -all"},
	     {DNS_TXT, "two.example", "v=spf1 +all"}, {DNS_TXT, "away.example", "!"});
	struct spf_verdict verdict;

	check_spf(&zone, "192.0.2.5", SPF_FAIL, "-all");
	spf_check("192.0.2.5", "two.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_PERMERROR);
	ck_assert_ptr_nonnull(verdict.why);
	spf_verdict_clear(&verdict);
	spf_check("192.0.2.5", "away.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_TEMPERROR);
	spf_verdict_clear(&verdict);
	spf_check("192.0.2.5", "none.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_NONE);
	ck_assert_ptr_null(verdict.record);
	spf_verdict_clear(&verdict);
}
END_TEST

START_TEST(test_spf_hosts)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 a:www.d.example/24 mx a//64 exists:ok.d.example -all"},
	     {DNS_A, "www.d.example", "198.51.100.1"}, {DNS_MX, "d.example", "m1.d.example"},
	     {DNS_MX, "d.example", "m2.d.example"}, {DNS_A, "m1.d.example", "203.0.113.1"},
	     {DNS_A, "m2.d.example", "203.0.113.2"}, {DNS_AAAA, "m2.d.example", "2001:db8::2"},
	     {DNS_A, "d.example", "203.0.113.9"}, {DNS_AAAA, "d.example", "2001:db8:0:1::"});

	check_spf(&zone, "198.51.100.77", SPF_PASS, "a:www.d.example/24");
	check_spf(&zone, "203.0.113.2", SPF_PASS, "mx");
	check_spf(&zone, "2001:db8::2", SPF_PASS, "mx");
	check_spf(&zone, "2001:db8:0:1::77", SPF_PASS, "a//64");
	check_spf(&zone, "203.0.113.3", SPF_FAIL, "-all");
}
END_TEST

START_TEST(test_spf_exists_and_ptr)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 ptr ptr:p.example exists:ok.example -all"},
	     {DNS_A, "ok.example", "127.0.0.2"},
	     {DNS_PTR, "5.2.0.192.in-addr.arpa", "mail.d.example"},
	     {DNS_A, "mail.d.example", "192.0.2.5"},
	     {DNS_PTR, "6.2.0.192.in-addr.arpa", "liar.d.example"},
	     {DNS_A, "liar.d.example", "192.0.2.99"},
	     {DNS_PTR, "7.2.0.192.in-addr.arpa", "p.example"}, {DNS_A, "p.example", "192.0.2.7"},
	     {DNS_PTR, "8.2.0.192.in-addr.arpa", "notd.example"},
	     {DNS_A, "notd.example", "192.0.2.8"});

	check_spf(&zone, "192.0.2.5", SPF_PASS, "ptr");
	check_spf(&zone, "192.0.2.6", SPF_PASS, "exists:ok.example");
	check_spf(&zone, "192.0.2.7", SPF_PASS, "ptr:p.example");
	check_spf(&zone, "192.0.2.8", SPF_PASS, "exists:ok.example");
}
END_TEST

START_TEST(test_spf_include)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 include:p.example ~all"},
	     {DNS_TXT, "p.example", "v=spf1 ip4:192.0.2.0/24 include:q.example -all"},
	     {DNS_TXT, "q.example", "v=spf1 ip4:198.51.100.0/24 ?all"});
	struct spf_verdict verdict;

	check_spf(&zone, "192.0.2.5", SPF_PASS, "include:p.example");
	check_spf(&zone, "198.51.100.5", SPF_PASS, "include:p.example");
	/* the included -all is no match, and does not end it (5.2) */
	check_spf(&zone, "203.0.113.1", SPF_SOFTFAIL, "~all");
	spf_check("198.51.100.5", "d.example", ask, &zone, &verdict);
	ck_assert_uint_eq(verdict.lookups, 2);
	ck_assert_str_eq(verdict.record, "v=spf1 include:p.example ~all");
	spf_verdict_clear(&verdict);
}
END_TEST

START_TEST(test_spf_include_errors)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 include:none.example -all"},
	     {DNS_TXT, "e.example", "v=spf1 include:away.example -all"},
	     {DNS_TXT, "away.example", "!"},
	     {DNS_TXT, "f.example", "v=spf1 include:bad.example -all"},
	     {DNS_TXT, "bad.example", "v=spf1 ip4:no -all"});
	struct spf_verdict verdict;

	check_spf(&zone, "192.0.2.5", SPF_PERMERROR, "include:none.example");
	spf_check("192.0.2.5", "e.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_TEMPERROR);
	spf_verdict_clear(&verdict);
	spf_check("192.0.2.5", "f.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_PERMERROR);
	ck_assert_str_eq(verdict.term, "ip4:no");
	spf_verdict_clear(&verdict);
}
END_TEST

START_TEST(test_spf_redirect)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 redirect=r.example ip4:192.0.2.5"},
	     {DNS_TXT, "r.example", "v=spf1 a:h.example -all"}, {DNS_A, "h.example", "192.0.2.6"},
	     {DNS_TXT, "n.example", "v=spf1 redirect=none.example"});
	struct spf_verdict verdict;

	check_spf(&zone, "192.0.2.5", SPF_PASS, "ip4:192.0.2.5");
	check_spf(&zone, "192.0.2.6", SPF_PASS, "a:h.example");
	check_spf(&zone, "192.0.2.7", SPF_FAIL, "-all");
	spf_check("192.0.2.5", "n.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_PERMERROR);
	spf_verdict_clear(&verdict);
}
END_TEST

START_TEST(test_spf_loops)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 include:d.example -all"},
	     {DNS_TXT, "a.example", "v=spf1 include:b.example -all"},
	     {DNS_TXT, "b.example", "v=spf1 include:a.example -all"},
	     {DNS_TXT, "r.example", "v=spf1 redirect=r.example"});
	static const char *const domains[] = {"d.example", "a.example", "r.example"};

	for (guint i = 0; i < G_N_ELEMENTS(domains); i++) {
		struct spf_verdict verdict;

		zone.asked = 0;
		spf_check("192.0.2.5", domains[i], ask, &zone, &verdict);
		ck_assert_int_eq(verdict.result, SPF_PERMERROR);
		ck_assert_uint_le(zone.asked, SPF_LOOKUPS_MAX + 1);
		spf_verdict_clear(&verdict);
	}
}
END_TEST

START_TEST(test_spf_lookups)
{
	ZONE({DNS_TXT, "d.example",
	      "v=spf1 a:h a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example "
	      "a:h.example a:h.example a:h.example ip4:192.0.2.5 -all"},
	     {DNS_TXT, "ten.example",
	      "v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example "
	      "a:h.example a:h.example a:h.example a:h.example ip4:192.0.2.5 -all"},
	     {DNS_TXT, "eleven.example",
	      "v=spf1 a:h.example a:h.example a:h.example a:h.example a:h.example a:h.example "
	      "a:h.example a:h.example a:h.example a:h.example a:h.example ip4:192.0.2.5 -all"},
	     {DNS_A, "h.example", "198.51.100.1"},
	     {DNS_TXT, "void2.example", "v=spf1 a:x.example a:y.example ip4:192.0.2.5 -all"},
	     {DNS_TXT, "void3.example",
	      "v=spf1 a:x.example a:y.example mx:z.example ip4:192.0.2.5 -all"});
	static const struct {
		const char *domain;
		enum spf_result wanted;
	} cases[] = {{"d.example", SPF_PERMERROR}, /* "h" is no domain */
		     {"ten.example", SPF_PASS},
		     {"eleven.example", SPF_PERMERROR},
		     {"void2.example", SPF_PASS},
		     {"void3.example", SPF_PERMERROR}};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		struct spf_verdict verdict;

		spf_check("192.0.2.5", cases[i].domain, ask, &zone, &verdict);
		ck_assert_msg(verdict.result == cases[i].wanted, "%s", cases[i].domain);
		spf_verdict_clear(&verdict);
	}
}
END_TEST

START_TEST(test_spf_many_mail_hosts)
{
	struct record records[13] = {{DNS_TXT, "d.example", "v=spf1 mx -all"},
				     {DNS_A, "m.example", "192.0.2.5"}};
	struct zone zone = {.records = records, .n = 12};

	for (guint i = 2; i < G_N_ELEMENTS(records); i++)
		records[i] = (struct record){DNS_MX, "d.example", "m.example"};
	check_spf(&zone, "192.0.2.5", SPF_PASS, "mx"); /* ten */
	zone.n = 13;
	check_spf(&zone, "192.0.2.5", SPF_PERMERROR, "mx"); /* eleven */
}
END_TEST

START_TEST(test_spf_macros)
{
	ZONE({DNS_TXT, "d.example", "v=spf1 ip4:192.0.2.6 exists:%{i}.d.example -all"},
	     {DNS_TXT, "i.example", "v=spf1 include:d.example -all"});
	struct spf_verdict verdict;

	check_spf(&zone, "192.0.2.6", SPF_PASS, "ip4:192.0.2.6");
	check_spf(&zone, "192.0.2.5", SPF_NEUTRAL, "exists:%{i}.d.example");
	spf_check("192.0.2.5", "i.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.result, SPF_NEUTRAL);
	ck_assert(verdict.macro);
	spf_verdict_clear(&verdict);
}
END_TEST

START_TEST(test_confirm_name)
{
	ZONE({DNS_PTR, "5.2.0.192.in-addr.arpa", "other.example"},
	     {DNS_PTR, "5.2.0.192.in-addr.arpa", "mail.example"},
	     {DNS_A, "mail.example", "192.0.2.5"},
	     {DNS_PTR, "6.2.0.192.in-addr.arpa", "liar.example"},
	     {DNS_PTR, "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
	      "six.example"},
	     {DNS_AAAA, "six.example", "2001:db8:0:0::1"},
	     {DNS_PTR, "8.2.0.192.in-addr.arpa", "!"});
	static const struct {
		const char *address;
		enum spf_result wanted;
		const char *name;
	} cases[] = {{"192.0.2.5", SPF_PASS, "mail.example"},
		     {"192.0.2.6", SPF_FAIL, "liar.example"},
		     {"2001:db8::1", SPF_PASS, "six.example"},
		     {"192.0.2.7", SPF_NONE, NULL},
		     {"192.0.2.8", SPF_TEMPERROR, NULL}};

	for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = NULL;

		ck_assert_int_eq(spf_confirm_name(cases[i].address, ask, &zone, &name),
				 cases[i].wanted);
		ck_assert_pstr_eq(name, cases[i].name);
	}
}
END_TEST

/* Public keys made for this test; nobody has kept the private ones. */
#define KEY_2048                                                                                   \
	"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA3/jYKQ5xNrC+2sa3D2Ol+MJn7P1zLpP56ZMfKIpAobol" \
	"NMdL5Isorb3xJZc4x9aKywvJFP+VQDxUgdTz9zGA+6aRSNDtQMhtnheQaGsRXDbnAhbc4lV1veZdOv02bbAK6B1G" \
	"eTy2u6FIh8vybmm1POFzJO3S5uyDECXJH9wszVamhZWYdWolq0p1u+o3bEJpHqc3VestVC+rzLbuYwUmKtYO79xN" \
	"Zz+BlBpx3wWjFinNvTnqcaEUaSjhT8eR625Y90LlgJX8VP+54O+/Dsc2ySDVT5LF90oGhCK2YOETM4g7iYAqKnCh" \
	"fR5zd+OCoSU7XtUYnvXQyMIYxbXgDoRv3wIDAQAB"
#define KEY_1024                                                                                   \
	"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLcCr0jt2V8OzXGKIYSSgsQL32ELHHtiNGcYmoRU513Vb3+Bs3" \
	"axihbBvRTcuq7weCI6lNTJvikbmZftESGdc29l6DB3+v3joLwGTSn5gUIdcbHnIs7is6A6zwJlaCqHLZ7rHrrand" \
	"QdxK9C0S9FuoGe+XuGVi20y9XkoTwTplyQIDAQAB"
#define KEY_512                                                                                    \
	"MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBANpaqzqL++yvBKHWKJZkhoqz8DXFvl0Kb4/qgu7ys1ohDag+T/+wxO6h" \
	"8z0bBu9wuKTQ9tS7vqiRG0h0FYg0w+kCAwEAAQ=="
#define KEY_PKCS1                                                                                  \
	"MIIBCgKCAQEAsrFrLvxxZy4nVuc52o7yWDAoTKeNJ3bmQgR5lhEf+9raULETjcezhTXKStuvk8BPkuaLSREMPvD5" \
	"XpRLdn4lFy5fx96m7qX1ree5w4stg53T60foL8f5Qj/BfmZOl0L3U3y+DVtNGmwEnyE7ZH73TGvC0FkiO0PhzqTB" \
	"a2RazfApGA0y1yhfBk16dp5L4G7rBVeKWuUcLd+UDzni+F5ol92V3S6jxbf4VF0IZrIVEYfWUmQSI+//0g//Eseu" \
	"en/h4054qjvAXOGgioIEMg/AuZ8lD9/6Y+u5XpQx3BrLW8fdZfNINyDXEV+DfspTZOkr8W040mwCVG0u9E34eA3F" \
	"ewIDAQAB"

static void check_key(const char *record, enum dkim_state state, guint bits)
{
	g_autoptr(GPtrArray) records = g_ptr_array_new();
	struct dkim_verdict verdict;

	g_ptr_array_add(records, (char *)(guintptr)record);
	policy_dkim(records, &verdict);
	ck_assert_msg(verdict.state == state, "%.60s: %d", record, (int)verdict.state);
	ck_assert_uint_eq(verdict.bits, bits);
}

START_TEST(test_dkim)
{
	g_autoptr(GPtrArray) none = g_ptr_array_new();
	struct dkim_verdict verdict;

	check_key("v=DKIM1; k=rsa; p=" KEY_2048, DKIM_GOOD, 2048);
	check_key("p=" KEY_2048, DKIM_GOOD, 2048);
	check_key("v=DKIM1;p=MIIBIjANBgkqhkiG9w0BAQEF AAOCAQ8AMIIBCgKCAQEA3", DKIM_BROKEN, 0);
	check_key("v=DKIM1; p=" KEY_1024, DKIM_WEAK, 1024);
	check_key("v=DKIM1; p=" KEY_512, DKIM_BROKEN, 512);
	check_key("v=DKIM1; p=" KEY_PKCS1, DKIM_GOOD, 2048);
	check_key("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", DKIM_GOOD,
		  256);
	check_key("v=DKIM1; k=ed25519; p=AAAA", DKIM_BROKEN, 0);
	check_key("v=DKIM1; k=elgamal; p=AAAA", DKIM_BROKEN, 0);
	check_key("v=DKIM1; p=", DKIM_REVOKED, 0);
	check_key("v=DKIM1; k=rsa", DKIM_BROKEN, 0);
	check_key("v=DKIM1; p=!!!", DKIM_BROKEN, 0);
	check_key("v=DKIM2; p=" KEY_2048, DKIM_MISSING, 0);
	check_key("something else", DKIM_MISSING, 0);
	policy_dkim(none, &verdict);
	ck_assert_int_eq(verdict.state, DKIM_MISSING);
	g_ptr_array_add(none, (char *)(guintptr) "v=DKIM1; t=s:y; p=" KEY_2048);
	policy_dkim(none, &verdict);
	ck_assert(verdict.testing);
}
END_TEST

/* Every shortening and every changed byte of a key is read within its bounds. */
START_TEST(test_dkim_damaged)
{
	gsize size = 0;
	g_autofree guchar *der = g_base64_decode(KEY_1024, &size);

	for (gsize i = 0; i < size; i++) {
		g_autofree guchar *copy = g_memdup2(der, i + 1);
		g_autofree char *cut = g_base64_encode(copy, i);
		g_autofree char *short_record = g_strconcat("p=", cut, NULL);
		g_autofree char *text = NULL;
		g_autofree char *record = NULL;
		g_autoptr(GPtrArray) records = g_ptr_array_new();
		struct dkim_verdict verdict;

		der[i] ^= 0xff;
		text = g_base64_encode(der, size);
		der[i] ^= 0xff;
		record = g_strconcat("p=", text, NULL);
		g_ptr_array_add(records, short_record);
		policy_dkim(records, &verdict);
		ck_assert_int_ne(verdict.state, DKIM_GOOD);
		records->pdata[0] = record;
		policy_dkim(records, &verdict);
	}
}
END_TEST

static void check_dmarc(struct zone *zone, const char *domain, const char *at, const char *policy,
			gboolean broken)
{
	struct dmarc_verdict verdict;

	policy_dmarc(domain, ask, zone, &verdict);
	ck_assert_pstr_eq(verdict.domain, at);
	ck_assert_pstr_eq(verdict.policy, policy);
	ck_assert_int_eq(verdict.broken, broken);
	dmarc_verdict_clear(&verdict);
}

START_TEST(test_dmarc)
{
	ZONE({DNS_TXT, "_dmarc.a.example", "v=DMARC1; p=reject; sp=none; rua=mailto:x@a.example"},
	     {DNS_TXT, "_dmarc.b.example", "v=DMARC1; p=Quarantine"},
	     {DNS_TXT, "_dmarc.c.example", "p=reject; v=DMARC1"},
	     {DNS_TXT, "_dmarc.d.example", "v=DMARC1; p=all"},
	     {DNS_TXT, "_dmarc.e.example", "v=DMARC1"},
	     {DNS_TXT, "_dmarc.f.example", "v=DMARC1; p=none"},
	     {DNS_TXT, "_dmarc.f.example", "v=DMARC1; p=reject"},
	     {DNS_TXT, "_dmarc.g.example", "!"}, {DNS_TXT, "_dmarc.example", "v=DMARC1; p=none"});
	struct dmarc_verdict verdict;

	check_dmarc(&zone, "a.example", "a.example", "reject", FALSE);
	check_dmarc(&zone, "x.y.a.example", "a.example", "none", FALSE);
	check_dmarc(&zone, "sub.b.example", "b.example", "quarantine", FALSE);
	check_dmarc(&zone, "c.example", NULL, NULL, FALSE);
	check_dmarc(&zone, "d.example", "d.example", "all", TRUE);
	check_dmarc(&zone, "e.example", "e.example", NULL, TRUE);
	check_dmarc(&zone, "f.example", "f.example", "none", TRUE);
	check_dmarc(&zone, "none.example", NULL, NULL, FALSE); /* never at a single label */
	policy_dmarc("g.example", ask, &zone, &verdict);
	ck_assert_int_eq(verdict.state, DNS_FAILED);
	dmarc_verdict_clear(&verdict);
	zone.asked = 0;
	policy_dmarc("a.b.c.d.e.f.g.h.i.j.k.l.m.n.none", ask, &zone, &verdict);
	ck_assert_uint_le(zone.asked, POLICY_LEVELS_MAX);
	dmarc_verdict_clear(&verdict);
}
END_TEST

static void check_proposal(const char *record, const char *host, const char *wanted)
{
	g_autoptr(GPtrArray) addresses = g_ptr_array_new();
	g_autofree char *proposal = NULL;
	const struct policy_provider *provider = host ? policy_provider_of(host) : NULL;

	if (!provider) {
		g_ptr_array_add(addresses, (char *)(guintptr) "203.0.113.5");
		g_ptr_array_add(addresses, (char *)(guintptr) "2001:db8::5");
	}
	proposal = policy_spf_record(record, provider, addresses);
	ck_assert_pstr_eq(proposal, wanted);
}

START_TEST(test_proposals)
{
	g_autofree char *long_text = g_strnfill(300, 'x');
	g_autofree char *line = policy_zone_line("d.example", long_text);
	g_autofree char *quoted = policy_zone_line("d.example", "a\"b\\c");

	check_proposal(NULL, NULL, "v=spf1 ip4:203.0.113.5 ip6:2001:db8::5 -all");
	check_proposal("v=spf1 mx ~all", NULL, "v=spf1 mx ip4:203.0.113.5 ip6:2001:db8::5 ~all");
	check_proposal("v=spf1 mx", NULL, "v=spf1 mx ip4:203.0.113.5 ip6:2001:db8::5");
	check_proposal("v=spf1 redirect=x.example", NULL,
		       "v=spf1 ip4:203.0.113.5 ip6:2001:db8::5 redirect=x.example");
	check_proposal(NULL, "smtp.exmail.qq.com", "v=spf1 include:spf.mail.qq.com ~all");
	check_proposal("v=spf1 include:spf1.dm.aliyun.com -all", "smtp.qiye.aliyun.com",
		       "v=spf1 include:spf1.dm.aliyun.com include:spf.qiye.aliyun.com -all");
	check_proposal(NULL, "smtp.163.com", NULL);
	ck_assert_ptr_null(policy_provider_of("mail.notexmail.qq.com.example"));
	ck_assert(policy_is_public_domain("QQ.com"));
	ck_assert(!policy_is_public_domain("office.example"));
	ck_assert_ptr_nonnull(strstr(line, "x\" \"x"));
	ck_assert_str_eq(quoted, "d.example. IN TXT \"a\\\"b\\\\c\"");
}
END_TEST

START_TEST(test_private)
{
	static const char *const private[] = {
	    "127.0.0.1",  "10.1.2.3", "172.31.0.1", "192.168.1.1", "169.254.1.1",
	    "100.64.0.1", "0.0.0.0",  "::1",        "fd00::1",     "fe80::1"};
	static const char *const public[] = {"172.32.0.1",  "192.169.1.1", "100.128.0.1",
					     "203.0.113.5", "2001:db8::1", "no address"};

	for (guint i = 0; i < G_N_ELEMENTS(private); i++)
		ck_assert_msg(policy_is_private(private[i]), "%s", private[i]);
	for (guint i = 0; i < G_N_ELEMENTS(public); i++)
		ck_assert_msg(!policy_is_private(public[i]), "%s", public[i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("sender_policy");
	TCase *spf = tcase_create("spf");
	TCase *rest = tcase_create("dkim and dmarc");
	SRunner *runner;
	int failed;

	tcase_add_test(spf, test_spf_networks);
	tcase_add_test(spf, test_spf_all);
	tcase_add_test(spf, test_spf_malformed);
	tcase_add_test(spf, test_spf_records);
	tcase_add_test(spf, test_spf_hosts);
	tcase_add_test(spf, test_spf_exists_and_ptr);
	tcase_add_test(spf, test_spf_include);
	tcase_add_test(spf, test_spf_include_errors);
	tcase_add_test(spf, test_spf_redirect);
	tcase_add_test(spf, test_spf_loops);
	tcase_add_test(spf, test_spf_lookups);
	tcase_add_test(spf, test_spf_many_mail_hosts);
	tcase_add_test(spf, test_spf_macros);
	tcase_add_test(spf, test_confirm_name);
	tcase_add_test(rest, test_dkim);
	tcase_add_test(rest, test_dkim_damaged);
	tcase_add_test(rest, test_dmarc);
	tcase_add_test(rest, test_proposals);
	tcase_add_test(rest, test_private);
	suite_add_tcase(suite, spf);
	suite_add_tcase(suite, rest);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? 1 : 0;
}
