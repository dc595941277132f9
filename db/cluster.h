#pragma once

/*
 * The office's private PostgreSQL: on a unix socket only, started when needed and stopped after its
 * last user. It is found by the file `cluster` in the office's folder, which names the data folder,
 * the socket's folder (short, for a socket path over 107 bytes fails; mode 0700) and the system
 * user it runs as (PostgreSQL refuses root).
 *
 * Users hold a shared lock on `cluster.users`; starting and stopping are done under an exclusive
 * lock on `cluster.lock`. The kernel drops the locks of a killed command, so a server that it left
 * behind is used, and stopped, by the next one.
 */
#include <glib.h>

struct cluster;

/*
 * Makes the cluster of the office in `folder`: initdb with checksums and C.UTF-8, logins of the
 * roles of `schema` for the owner of the office only. As root it runs under `postgres`; where
 * the folder is closed to that user the data go to a state folder of the system.
 */
gboolean cluster_create(const char *folder, const char *schema, GError **error);

/* Starts it when it does not run, and counts the caller among its users.
 * PINGYI_ERROR_TEMPORARY names the log when it does not come up. Returns: (transfer full) */
struct cluster *cluster_use(const char *folder, GError **error);

/* Ends the use; the last user stops it and waits for its end. */
void cluster_release(struct cluster *cluster);

/* How to connect as `role`; NULL is the administrator. Returns: (transfer full) */
char *cluster_conninfo(const struct cluster *cluster, const char *role);
