#pragma once

/* Whether mail may leave now: the gate (table send_gate, closed by a person or by too many
 * refusals), the hours, and that links do not point to this machine. */
#include "db/office.h"
#include "mailer/hours.h"

struct gate {
	struct hours hours;
	gboolean workdays; /* on working days only */
	GTimeZone *zone;
};

/* Reads the settings. Returns: (transfer full) NULL with PINGYI_ERROR_INPUT naming the wrong one.
 */
struct gate *gate_new(struct office *office, GError **error);
void gate_free(struct gate *gate);

/* Whether nobody has closed the gate: PINGYI_ERROR_STATE says why it is, in the words of who did.
 */
gboolean gate_check_open(struct db *db, GError **error);

/* The same and the hours: PINGYI_ERROR_STATE says why not. `any_hour` leaves hours and working days
 * out. */
gboolean gate_check(const struct gate *gate, struct db *db, GDateTime *now, gboolean any_hour,
		    GError **error);

/* PINGYI_ERROR_INPUT when [office] public_url is no address of the web, wherever letters go;
 * PINGYI_ERROR_STATE when they would leave this machine with links that only it can open. */
gboolean gate_check_link(struct office *office, GError **error);

typedef struct gate gate_handle;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(gate_handle, gate_free)
