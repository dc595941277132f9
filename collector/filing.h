#pragma once

/*
 * What becomes of messages that were read: each is filed to its letter as an answer, noted as no
 * answer, or waits for a person. Many are filed by one transaction; a message that a worker no
 * longer holds is left alone, and one that the database refuses costs no other.
 */
#include "collector/collect.h"
#include "collector/reading_room.h"

#define FILING_MAX 128u /* messages of one transaction */

struct filing;

/* `worker`: who leased the messages. */
struct filing *filing_new(struct db *db, const char *worker, GDateTime *now);
void filing_free(struct filing *filing);

/* (transfer full) */
void filing_add(struct filing *filing, struct errand *errand);
guint filing_count(const struct filing *filing);

/* Commits what was added; then there is nothing any more. FALSE when the database is away, or when
 * a message could not be read for a reason that passes (it stays stored). */
gboolean filing_commit(struct filing *filing, struct collect_count *count, GError **error);
