#pragma once

/* The rows of an answer (db.h) are libpq's. Only for db/. */
#include "db/db.h"

#include <libpq-fe.h>

/* `result`: (transfer full). Returns: (transfer full) */
struct db_rows *rows_new(PGresult *result);

PGresult *rows_result(const struct db_rows *rows);
