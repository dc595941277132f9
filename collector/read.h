#pragma once

/*
 * One message read: bytes in, one bounded record out. Pure: no clock, no file, no network. Nothing
 * here fails because of what a message holds; what was cut or strange is named in `problems`.
 *
 * The record as JSON, one object, keys always present unless said otherwise (reading_to_json(); it
 * is stored as jsonb, so that queries may read it):
 *
 *   file          string; only when it was given (pingyi read)
 *   kind          "reply" | "bounce" | "delay" | "delivered" | "auto-reply" | "receipt" |
 *                 "complaint" | "unsubscribe" | "other"
 *   guessed       bool: only words of the subject or text speak for that kind, no header and no
 *                 structure that only machines write (kind.h); false for a reply. A person may
 *                 have written it
 *   from, to, cc  arrays of {"name": string|null, "address": string|null}, as written
 *   reply_to      the same
 *   date          "2026-03-02T09:30:00+08:00" (the writer's offset), or null
 *   subject       string, decoded, one line; null when there is none
 *   message_id    string without <>, as written; null when there is none or it is empty
 *   in_reply_to   array of strings without <>
 *   references    array of strings without <>, in order; relays may have put [0-9A-F]{14,16}+ in
 *                 front of an id: strip it before comparing
 *   bodies        array of {"type": "text/plain"|"text/html"|..., "text": string}: as it was sent,
 *                 decoded to UTF-8, line ends as they were
 *   text          string: all the text that is shown, lines divided by \n, HTML as text
 *   own           string: the writer's own words; "" for bounce, delay, delivered, receipt,
 *                 complaint and other, unless that is only guessed. Lines that begin with ">" are
 *                 quoted context of an answer between the lines and never the writer's
 *                 (own_strip_quotes() in own.h removes them)
 *   own_doubtful  bool: own is empty or only leads on, and yet what the writer said may stand in
 *                 `quoted` or `signature` (own.h, `doubtful`); or "text-cut" or "html-too-deep"
 *                 is among the problems; false where own is "" by its kind
 *   quoted        string: the letter that was answered
 *   signature     string: signature, advertisement, disclaimer
 *   attachments   array of {"name": string|null, "type": string, "bytes": int, "sha256": hex,
 *                 "text": string|null, "unread": string|null, "inside": array of the same}; the
 *                 name is the sender's word, never a path to use. "unread" says why only a person
 *                 can read it, or what of it; "inside" holds the files of an archive or a
 *                 winmail.dat and what is attached to an attached message
 *   bounces       array, one object a recipient, empty unless kind is bounce, delay or delivered:
 *                 {"recipient": string|null, "status": "5.1.1"|null, "code": "550"|null,
 *                 "action": "failed"|"delayed"|"delivered"|"relayed"|"expanded",
 *                 "reason": name of reason.h|null, "words": string|null, "hard": bool|null,
 *                 "passes": bool, whether it may get through later}
 *   original      {"message_id": string|null, "subject": string|null} of the letter that came back
 *                 in a bounce, else null
 *   numbers       array of {"number": "PY-XXXXXXXX", "where": w}, each pair once; w is "recipient",
 *                 "references" (In-Reply-To too), "subject", "own", "quoted", "html",
 *                 "attachment-name", "attachment", "form", "original" (in a bounce)
 *   form          our own fill-in form, when it was recognised in an attachment (of an attached
 *                 message too) or in the own words, which are without it then; several filled ones
 *                 as one, an empty one where there is no other; else null: {"number": string|null,
 *                 "disclosure": "named"|"hidden"|null,
 *                 "ratings": [{"department": "d01", "grade": 1 … 5, 0 for 不了解}],
 *                 "open": [{"question": id, "text": string}]} (templates/form.h)
 *   problems      array of short English codes: "no-headers", "no-boundary", "too-many-parts",
 *                 "too-deep", "header-cut", "head-cut", "message-cut", "too-many-headers",
 *                 "no-date", "attachment-unread: NAME: why", "form-unread: why" (also "marks",
 *                 "words": enum form_doubt of templates/form.h), "form-numbers" (filled forms bear
 *                 numbers that differ), "text-cut" (what is shown has more text than is read),
 *                 "html-too-deep" (elements lie too deep in one another: of those there is text
 *                 without marks),
 *                 "number-wrong: PY-XXXXXXXX" (none was found, and this was meant to be one)
 */
#include "collector/kind.h"
#include "collector/own.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#define READING_WRONG_NUMBER        "number-wrong: "
#define READING_NUMBERS_MAX         100
#define READING_ATTACHMENT_TEXT_MAX (512u * 1024)       /* bytes of text of one attachment */
#define READING_ATTACHED_TEXT_MAX   (4u * 1024 * 1024)  /* bytes of text of all of them */
#define READING_JSON_MAX            (32u * 1024 * 1024) /* bytes of one record */

struct form_answers;

struct reading_body {
	char *type;
	char *text;
	gboolean cut; /* `text` is not all of it */
};

struct reading_attachment {
	char *name; /* may be NULL */
	char *type;
	guint64 bytes;
	char *sha256;
	char *text;        /* NULL when it has none that can be read */
	char *unread;      /* why not, in words for staff; NULL when all of it was read */
	GPtrArray *inside; /* of struct reading_attachment, perhaps none */
};

struct reading_number {
	char *number;
	const char *where; /* static */
};

struct reading {
	char *file;
	enum kind kind;
	gboolean guessed;
	GPtrArray *from, *to, *cc, *reply_to; /* of struct address (header.h) */
	GDateTime *date;
	char *subject;
	char *message_id;
	GPtrArray *in_reply_to, *references; /* of char * */
	GPtrArray *bodies;                   /* of struct reading_body */
	char *text;
	struct own own;
	GPtrArray *attachments; /* of struct reading_attachment */
	GPtrArray *bounces;     /* of struct bounce (bounce.h) */
	gboolean has_original;
	char *original_message_id, *original_subject;
	GArray *numbers; /* of struct reading_number */
	struct form_answers *form;
	GPtrArray *problems; /* of char * */
};

struct read_options {
	gboolean bare;      /* `raw` is a body without headers */
	const char *file;   /* put into the record; may be NULL */
	const char *wanted; /* sha256 of an attachment whose bytes are wanted too, or NULL … */
	GBytes **found_out; /* … (transfer full): NULL when none has it */
};

/*
 * Reads one message. `options` may be NULL.
 * Returns: (transfer full) NULL with PINGYI_ERROR_INPUT only when `raw` is larger than
 * MIME_MESSAGE_MAX.
 */
struct reading *read_message(GBytes *raw, const struct read_options *options, GError **error);
void reading_free(struct reading *reading);

/* (transfer full) the object described above. */
JsonNode *reading_to_json(const struct reading *reading);

/* The same as one line of JSON without a line end. (transfer full) */
char *reading_to_line(const struct reading *reading);
