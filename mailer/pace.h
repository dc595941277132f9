#pragma once

/*
 * How fast mail may go: to a domain (letters at once; a rest after refusals that are about the
 * domain), and at all (too many refusals for good stop everything). Pure: times are seconds of the
 * caller's clock.
 */
#include <glib.h>

#define PACE_HOLD_FIRST_S 60   /* after the first refusal; doubles with each in a row … */
#define PACE_HOLD_MAX_S   3600 /* … up to this */

#define BRAKE_LAST  200 /* tries that are looked at */
#define BRAKE_LEAST 50  /* fewer say nothing */

struct pace_limit {
	guint at_once;  /* letters under way; 0: any number */
	guint per_hour; /* 0: any number */
};

/* A domain as it fares now. */
struct pace_domain {
	char *name;
	struct pace_limit limit;
	guint users; /* of pace_domain() */
	guint under_way;
	guint strikes;     /* refusals in a row */
	gint64 hold_until; /* 0: not held */
	gboolean changed;  /* strikes or hold are not in the database yet: it stands in … */
	GQueue *changes;   /* … the queue of those; of struct pace */
};

struct pace;

/* `usual` holds where pace_set_limit() said nothing else. Returns: (transfer full) */
struct pace *pace_new(const struct pace_limit *usual);
void pace_free(struct pace *pace);
void pace_set_limit(struct pace *pace, const char *domain, const struct pace_limit *limit);

/* A domain, in small letters, for as long as pace_release() is not called as often: one that nobody
 * uses and that is not held is forgotten. */
struct pace_domain *pace_domain(struct pace *pace, const char *name);
void pace_release(struct pace *pace, struct pace_domain *domain);

gboolean pace_is_held(const struct pace_domain *domain, gint64 now_s);
gboolean pace_is_full(const struct pace_domain *domain);

/* A letter to it is under way, and has ended: was it taken, was it a refusal that is about the
 * domain? Letters that were under way already when a hold began do not make it longer. */
void pace_begin(struct pace_domain *domain);
void pace_end(struct pace_domain *domain, gboolean taken, gboolean refused, gint64 now_s);

/* The next domain whose strikes or hold must be stored, its `changed` taken back; NULL: none. */
struct pace_domain *pace_next_changed(struct pace *pace);
/* It could not be stored: it is the next again. */
void pace_not_stored(struct pace *pace, struct pace_domain *domain);

/* The last tries: which were refused for good. */
struct brake {
	guint8 bad[BRAKE_LAST]; /* 0 or 1 */
	guint next;
	guint n;    /* at most BRAKE_LAST */
	guint bads; /* among them */
};

void brake_add(struct brake *brake, gboolean bad);

/* Whether at least `percent` of them were (0: never). */
gboolean brake_is_on(const struct brake *brake, guint percent);
