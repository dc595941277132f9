#pragma once

/*
 * The structure of a message: headers, parts, transfer decoding (by GMime). Charsets and
 * encoded-words are ours (base/charset, collector/header). Line ends are normalised first where a
 * message has bare CRs for line ends; otherwise parts keep theirs. Every size is bounded; what goes
 * beyond is named in `problems` and left out, never fatal.
 */
#include "db/message.h"

#define MIME_MESSAGE_MAX     MESSAGE_MAX /* bytes of one message */
#define MIME_PARTS_MAX       500         /* parts of one message, embedded ones among them */
#define MIME_DEPTH_MAX       20          /* parts within parts */
#define MIME_HEADERS_MAX     1000        /* headers of one message or part */
#define MIME_HEADERS_ALL_MAX 100000 /* of a message and all its parts; beyond, nothing is read */
#define MIME_HEADER_MAX      (256u * 1024) /* bytes of one header's value */
#define MIME_BOUNDARY_MAX    5000          /* "boundary=" in one message; beyond, it is an attack */
#define MIME_DELIMITER_MAX   20000         /* lines that begin with "--" in a multipart */
#define MIME_HEAD_MAX        (4u * 1024 * 1024) /* bytes of a message's header block */

/* A header as it stood: `value` is raw bytes, folded, NUL-terminated. */
struct mime_header {
	char *name;
	char *value;
	gsize length;
};

/* A part. A multipart has children, message/rfc822 a message, every other content. */
struct mime_part {
	char *type;        /* lower case, "text/plain" where none or a wrong one was given */
	char *charset;     /* the label, or NULL */
	char *name;        /* file name in UTF-8 as the sender wrote it, never a path to use */
	char *id;          /* Content-ID without brackets, or NULL */
	char *report_type; /* of multipart/report, or NULL */
	gboolean attached; /* Content-Disposition: attachment */
	gboolean flowed;   /* format=flowed (RFC 3676) */
	gboolean delsp;
	GBytes *content;              /* decoded; NULL of a multipart */
	GPtrArray *children;          /* of struct mime_part, NULL unless multipart */
	struct mime_message *message; /* of message/rfc822 and its like, else NULL */
};

struct mime_message {
	GArray *headers; /* of struct mime_header, in order */
	struct mime_part *root;
};

/* Reads `raw`. Remarks go to `problems` (a GPtrArray of char *). Returns: (transfer full), never
 * NULL: bytes without any header make a message with one text part. */
struct mime_message *mime_parse(GBytes *raw, GPtrArray *problems);
void mime_message_free(struct mime_message *message);

/* The charset of the first part, in which raw bytes of the headers may be; or NULL. */
const char *mime_label(const struct mime_message *message);

/* The first header of that name (any case), or NULL. */
const struct mime_header *mime_header_get(const struct mime_message *message, const char *name);

/* The same, decoded to UTF-8 (transfer full), or NULL. */
char *mime_header_text(const struct mime_message *message, const char *name);

/* The part's bytes as UTF-8 text by its charset. (transfer full) */
char *mime_part_text(const struct mime_part *part);
