#pragma once

/* Who leads, who takes part, or that a person has to say. */
#include "classifier/unit.h"

/* The opinion that a unit makes. Returns: (transfer full) */
struct classified *decide_unit(const struct ranker *ranker, const char *text,
			       const struct findings *findings, const struct unit *unit);
