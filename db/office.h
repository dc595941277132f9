#pragma once

/*
 * An office: a folder with `pingyi.conf`, its key, and a schema in a database (its private cluster
 * unless [database] url says otherwise). Secrets are in files of mode 0600; one that others can
 * read is refused.
 */
#include "db/db.h"
#include "db/key.h"

struct office;

/* Writes pingyi.conf, the key (from `seed` when not NULL) and the subfolders into `folder`, which
 * is made when it does not exist. An office that is there already is PINGYI_ERROR_STATE. `name` is
 * the office's own, `database_url` may be NULL. */
gboolean office_make(const char *folder, const char *name, const char *database_url,
		     const char *seed, GError **error);

/* Opens the office in `folder`: reads the configuration, nothing else yet. */
struct office *office_open(const char *folder, GError **error);
void office_free(struct office *office);

/* A setting of pingyi.conf, or `fallback` where it is missing or empty. Owned by the office. */
const char *office_setting(struct office *office, const char *group, const char *name,
			   const char *fallback);
/* The same, a number from `min` to `max`. FALSE with PINGYI_ERROR_INPUT where it is none. */
gboolean office_number(struct office *office, const char *group, const char *name,
		       const char *fallback, guint min, guint max, guint *out, GError **error);
/* The groups whose names begin with `prefix` ("source "). Returns: (transfer full) */
char **office_groups(struct office *office, const char *prefix);

/* What is wrong with pingyi.conf and yet hinders nothing, as office_open() found it: settings that
 * nothing reads. Sentences (char *) for people. */
const GPtrArray *office_warnings(const struct office *office);

const char *office_folder(const struct office *office); /* absolute */
const char *office_schema(const struct office *office);
const struct office_key *office_key(const struct office *office);

/* A path of a setting as the office means it: relative ones start at the office's folder.
 * Returns: (transfer full) */
char *office_path(const struct office *office, const char *path);

/* The text of a secret file (a password), without its line end. Refused (PINGYI_ERROR_DENIED) when
 * group or others may read it. Returns: (transfer full) */
char *office_secret(const struct office *office, const char *path, GError **error);

/*
 * Connects as one of the office's roles: "worker", "staff", "web", "d12" … NULL is the
 * administrator, for `init` and upgrades alone. The private cluster is started when needed and
 * stays up until office_free() of its last user.
 */
struct db *office_connect(struct office *office, const char *role, GError **error);

/* What another program of PostgreSQL needs to connect as office_connect() does: libpq's conninfo,
 * and `options_out` (transfer full) for PGOPTIONS. Returns: (transfer full) */
char *office_conninfo(struct office *office, const char *role, char **options_out, GError **error);

typedef struct office office_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(office_handle, office_free)
