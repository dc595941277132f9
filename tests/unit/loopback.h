#pragma once

#include <glib.h>

/* A socket that listens on a free port of 127.0.0.1, for servers of our own; to be closed. */
int loopback_listen(guint16 *port);
