#pragma once

/*
 * Reads what strangers may send to exhaust or confuse the reader, as it is and as a file that goes
 * with a message: within LIMIT_S of the processor's time and LIMIT_MB, or the test fails, and with
 * a record that is as it should be.
 */
#include "collector/read.h"

#ifdef __SANITIZE_ADDRESS__
#define LIMIT_S  60
#define LIMIT_MB 4096
#else
#define LIMIT_S  10
#define LIMIT_MB 400
#endif

#define MEGABYTE (1u << 20)

/* The headers of a message, but for its type. */
#define HEAD "From: a@b.invalid\nSubject: x\nMIME-Version: 1.0\n"

/* of a .docx */
#define W_NS "http://schemas.openxmlformats.org/wordprocessingml/2006/main"

/* A message. (transfer full), as the others */
struct reading *bounded_read(const char *bytes, gsize size);

/* … that consists of `head`, `n` times `piece`, and `tail`. */
struct reading *bounded_read_times(const char *head, const char *piece, guint n, const char *tail);

/* … with these bytes attached, under that name. */
struct reading *bounded_read_attached(const char *name, GBytes *content);

/* Whether one of its problems begins so. */
gboolean has_problem(const struct reading *reading, const char *what);

const struct reading_attachment *first_attachment(const GPtrArray *attachments);

void add_times(GString *text, const char *piece, guint n);
