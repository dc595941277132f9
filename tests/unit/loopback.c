#include "tests/unit/loopback.h"

#include <arpa/inet.h>
#include <check.h>
#include <sys/socket.h>

int loopback_listen(guint16 *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t size = sizeof(at);
	int listening = socket(AF_INET, SOCK_STREAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&at, sizeof(at)), 0);
	ck_assert_int_eq(listen(listening, 9), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&at, &size), 0);
	*port = ntohs(at.sin_port);
	return listening;
}
