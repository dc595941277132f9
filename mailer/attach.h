#pragma once

/*
 * Files that go with the letters of a round: with all of them, or with one enterprise's. What they
 * may be, how large, what type they are, and which enterprise a file of a folder is for. Reads
 * files and what is stored of others; storing is the caller's.
 */
#include "db/db.h"

#define ATTACH_FILE_MAX   (10u * 1024 * 1024) /* bytes of a file */
#define ATTACH_LETTER_MAX (15u * 1024 * 1024) /* of all that goes with a letter, as base64 */
#define ATTACH_FILES_MAX  20                  /* of a letter, without the fill-in form */
#define ATTACH_NAME_MAX   200                 /* bytes of a file's name */

/* The MIME type of a file by the end of its name; "application/octet-stream" for an unknown one. */
const char *attach_type(const char *name);

/* Whether a file may have this name (without folders) as an attachment: PINGYI_ERROR_INPUT when it
 * is not UTF-8, too long, or has control characters. */
gboolean attach_name_ok(const char *name, GError **error);

/* The bytes of a file; links are followed where `follow`: not in a folder, which may come from a
 * stranger. PINGYI_ERROR_INPUT when it is none, cannot be read, is empty or larger than
 * ATTACH_FILE_MAX. Returns: (transfer full) */
GBytes *attach_read(const char *path, gboolean follow, GError **error);

/* Whether each letter of the round can carry what is attached to it, and a fill-in form of `form`
 * bytes (0: none) besides. PINGYI_ERROR_INPUT names the first enterprise whose letter cannot. */
gboolean attach_fits(struct db *db, gint64 round, gsize form, GError **error);

/*
 * Whose a file is, by the begin of its name: the enterprise's name, short name or credit code,
 * whatever the case and width of its letters. The longest one counts. Behind a short name or a
 * credit code the word has to end (华润.pdf, 华润-1.pdf; 华润万家.pdf is somebody else's).
 */
struct attach_file {
	char *name;            /* of the file */
	char *folded;          /* as it is compared */
	gint64 enterprise;     /* 0: nobody's */
	char *enterprise_name; /* or NULL */
	gint64 other;          /* another enterprise that it fits as well; 0: none */
	gsize matched;         /* bytes of `folded` */
};

struct attach_match;

/* Takes the names of files, which are copied. Returns: (transfer full) */
struct attach_match *attach_match_new(const char *const *names);
/* Tries an enterprise; short name and code may be NULL. */
void attach_match_try(struct attach_match *match, gint64 enterprise, const char *name,
		      const char *short_name, const char *credit_code);
/* The files with what was found, by name: of struct attach_file, owned by the match. */
const GPtrArray *attach_match_files(const struct attach_match *match);
void attach_match_free(struct attach_match *match);

typedef struct attach_match attach_match_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(attach_match_handle, attach_match_free)
