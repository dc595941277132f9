#pragma once

/*
 * Asking the domain name system (RFC 1035) by libc's resolver: the name servers of resolv.conf, or
 * one that is named. Not by GLib's, which takes addresses from /etc/hosts, knows one name of an
 * address only, and waits as long as it likes. What comes back are strangers' bytes: their number
 * and size are bounded, and what is no printable ASCII is “?”.
 */
#include <glib.h>

#define DNS_VALUES_MAX 100 /* of one answer; the rest is left out */
#define DNS_WAIT_S     3   /* for one name server to answer, tried twice */
#define DNS_ALL_S      60  /* for all questions together; RFC 7208, 4.6.4, wants 20 at least */

enum dns_type { DNS_A, DNS_AAAA, DNS_MX, DNS_TXT, DNS_PTR };

/* How a question ended. */
enum dns_state {
	DNS_FOUND,
	DNS_NONE,   /* no such name, or nothing of that type */
	DNS_FAILED, /* nobody answered, or not sensibly: ask again later */
};

struct dns;

/* `server` is NULL (those of resolv.conf), "192.0.2.53", "192.0.2.53:5353" or "[2001:db8::1]:53";
 * PINGYI_ERROR_INPUT when it is none of these. Returns: (transfer full) */
struct dns *dns_new(const char *server, GError **error);
void dns_free(struct dns *dns);

/*
 * Whatever is of `type` at `name`, as texts put behind those in `values_out` (of char *):
 * addresses, a TXT's strings joined (RFC 7208, 3.3), MX hosts by preference ("." is RFC 7505's
 * null), names. Names come without their last dot. After two failures in a row nothing is asked any
 * more.
 */
enum dns_state dns_ask(struct dns *dns, enum dns_type type, const char *name,
		       GPtrArray *values_out);

/* The name under which an address's own names stand (RFC 1035, 3.5; RFC 3596, 2.5); NULL when the
 * text is no address. Returns: (transfer full) */
char *dns_reverse_name(const char *address);

typedef struct dns dns_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(dns_handle, dns_free)
