#include "mailer/dns.h"

#include "base/error.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <gio/gio.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdlib.h>
#include <string.h>

#define ANSWER_BYTES 65535 /* what TCP can carry */
#define NAME_LENGTH  253   /* characters of a name */
#define PORT         53

#define FAILURES_MAX 2 /* in a row; then nobody is asked any more */

struct dns {
	struct __res_state state;
	guint failures; /* in a row */
	gint64 until;   /* monotonic, µs: afterwards nobody is asked any more */
};

/* One value with what it is sorted by. */
struct found {
	guint order;
	char *text;
};

/* Makes `server` the only one that is asked. */
static gboolean use_server(struct dns *dns, const char *server)
{
	g_autoptr(GSocketConnectable) where = g_network_address_parse(server, PORT, NULL);
	g_autoptr(GInetAddress) address = NULL;
	guint16 port;

	/* an address of IPv6 without brackets reads as a host and a port */
	address = g_inet_address_new_from_string(server);
	port = PORT;
	if (!address && where) {
		address = g_inet_address_new_from_string(
		    g_network_address_get_hostname(G_NETWORK_ADDRESS(where)));
		port = g_network_address_get_port(G_NETWORK_ADDRESS(where));
	}
	if (!address)
		return FALSE;
	if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV4) {
		struct sockaddr_in *to = &dns->state.nsaddr_list[0];

		memset(to, 0, sizeof(*to));
		to->sin_family = AF_INET;
		to->sin_port = htons(port);
		memcpy(&to->sin_addr, g_inet_address_to_bytes(address), sizeof(to->sin_addr));
	} else {
		/* glibc's own way to keep what is larger than its list's places; res_nclose() frees
		 */
		struct sockaddr_in6 *to = calloc(1, sizeof(*to));

		if (!to)
			return FALSE;
		to->sin6_family = AF_INET6;
		to->sin6_port = htons(port);
		memcpy(&to->sin6_addr, g_inet_address_to_bytes(address), sizeof(to->sin6_addr));
		free(dns->state._u._ext.nsaddrs[0]);
		dns->state._u._ext.nsaddrs[0] = to;
		dns->state.nsaddr_list[0].sin_family = 0;
	}
	dns->state.nscount = 1;
	return TRUE;
}

struct dns *dns_new(const char *server, GError **error)
{
	g_autoptr(dns_handle) dns = g_new0(struct dns, 1);

	if (res_ninit(&dns->state) != 0) {
		g_set_error_literal(error, PINGYI_ERROR, PINGYI_ERROR_TEMPORARY,
				    _("the domain name system cannot be asked"));
		return NULL;
	}
	dns->until = g_get_monotonic_time() + (gint64)DNS_ALL_S * G_USEC_PER_SEC;
	dns->state.retrans = DNS_WAIT_S;
	dns->state.retry = 2;
	if (server && !use_server(dns, server)) {
		g_set_error(error, PINGYI_ERROR, PINGYI_ERROR_INPUT,
			    _("“%s” is not the address of a name server"), server);
		return NULL;
	}
	return g_steal_pointer(&dns);
}

void dns_free(struct dns *dns)
{
	if (!dns)
		return;
	res_nclose(&dns->state);
	g_free(dns);
}

static void found_clear(gpointer data)
{
	g_free(((struct found *)data)->text);
}

static gint by_order(gconstpointer a, gconstpointer b)
{
	guint left = ((const struct found *)a)->order;
	guint right = ((const struct found *)b)->order;

	return (left > right) - (left < right);
}

/* Bytes as printable ASCII. */
static void append_clean(GString *out, const guint8 *bytes, gsize size)
{
	for (gsize i = 0; i < size; i++)
		g_string_append_c(out, bytes[i] >= ' ' && bytes[i] < 0x7f ? (char)bytes[i] : '?');
}

static char *name_at(const ns_msg *answer, const guint8 *at)
{
	char name[NS_MAXDNAME];

	if (ns_name_uncompress(ns_msg_base(*answer), ns_msg_end(*answer), at, name, sizeof(name)) <
	    0)
		return NULL;
	/* the root itself, as RFC 7505 names it */
	return g_strdup(*name ? name : ".");
}

/* The strings of a TXT record: each its length in a byte, then itself. */
static char *text_of(const guint8 *data, gsize size)
{
	GString *out = g_string_new(NULL);

	for (gsize at = 0; at < size;) {
		gsize length = data[at++];

		length = MIN(length, size - at);
		append_clean(out, data + at, length);
		at += length;
	}
	return g_string_free(out, FALSE);
}

/* What one record says. Returns: (transfer full) NULL when it is damaged. */
static char *value_of(enum dns_type type, const ns_msg *answer, const ns_rr *record,
		      guint *order_out)
{
	const guint8 *data = ns_rr_rdata(*record);
	gsize size = ns_rr_rdlen(*record);
	char text[INET6_ADDRSTRLEN];

	*order_out = 0;
	switch (type) {
	case DNS_A:
		return size == 4 && inet_ntop(AF_INET, data, text, sizeof(text)) ? g_strdup(text)
										 : NULL;
	case DNS_AAAA:
		return size == 16 && inet_ntop(AF_INET6, data, text, sizeof(text)) ? g_strdup(text)
										   : NULL;
	case DNS_MX:
		if (size < 3)
			return NULL;
		*order_out = (guint)data[0] << 8 | data[1];
		return name_at(answer, data + 2);
	case DNS_PTR:
		return name_at(answer, data);
	case DNS_TXT:
		return text_of(data, size);
	}
	return NULL;
}

static enum dns_state read_answer(enum dns_type type, int wanted, const guint8 *bytes, int size,
				  GPtrArray *values)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(struct found));
	ns_msg answer;

	g_array_set_clear_func(found, found_clear);
	if (ns_initparse(bytes, size, &answer) != 0)
		return DNS_FAILED;
	for (int i = 0; i < ns_msg_count(answer, ns_s_an) && found->len < DNS_VALUES_MAX; i++) {
		struct found one = {0};
		ns_rr record;

		if (ns_parserr(&answer, ns_s_an, i, &record) != 0)
			return DNS_FAILED;
		if ((int)ns_rr_type(record) != wanted) /* an alias on the way */
			continue;
		one.text = value_of(type, &answer, &record, &one.order);
		if (one.text)
			g_array_append_val(found, one);
	}
	g_array_sort(found, by_order);
	for (guint i = 0; i < found->len; i++)
		g_ptr_array_add(values, g_strdup(g_array_index(found, struct found, i).text));
	return found->len ? DNS_FOUND : DNS_NONE;
}

enum dns_state dns_ask(struct dns *dns, enum dns_type type, const char *name, GPtrArray *values_out)
{
	static const int types[] = {[DNS_A] = ns_t_a,
				    [DNS_AAAA] = ns_t_aaaa,
				    [DNS_MX] = ns_t_mx,
				    [DNS_TXT] = ns_t_txt,
				    [DNS_PTR] = ns_t_ptr};
	g_autofree guint8 *bytes = g_malloc(ANSWER_BYTES);
	int size;

	if (!*name || strlen(name) > NAME_LENGTH)
		return DNS_NONE;
	if (dns->failures >= FAILURES_MAX || g_get_monotonic_time() > dns->until)
		return DNS_FAILED;
	size = res_nquery(&dns->state, name, ns_c_in, types[type], bytes, ANSWER_BYTES);
	if (size < 0 && dns->state.res_h_errno != HOST_NOT_FOUND &&
	    dns->state.res_h_errno != NO_DATA) {
		dns->failures++;
		return DNS_FAILED;
	}
	dns->failures = 0;
	if (size < 0)
		return DNS_NONE;
	return read_answer(type, types[type], bytes, MIN(size, ANSWER_BYTES), values_out);
}

char *dns_reverse_name(const char *address)
{
	guint8 bytes[16];
	GString *name;

	if (inet_pton(AF_INET, address, bytes) == 1)
		return g_strdup_printf("%u.%u.%u.%u.in-addr.arpa", bytes[3], bytes[2], bytes[1],
				       bytes[0]);
	if (inet_pton(AF_INET6, address, bytes) != 1)
		return NULL;
	name = g_string_new(NULL);
	for (int i = 15; i >= 0; i--)
		g_string_append_printf(name, "%x.%x.", bytes[i] & 15u, bytes[i] >> 4);
	g_string_append(name, "ip6.arpa");
	return g_string_free(name, FALSE);
}
