#pragma once

/* `pingyi follow show`: one opinion, with what was said and what can be done about it. */
#include "cli/command.h"

/* On a terminal as people read it, elsewhere the JSON of the page. PINGYI_ERROR_INPUT when there is
 * no such opinion. */
gboolean follow_show(struct app *app, gint64 opinion, GError **error);
