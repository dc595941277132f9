#include "mailer/pace.h"

struct pace {
	struct pace_limit usual;
	GHashTable *limits;  /* name -> struct pace_limit */
	GHashTable *domains; /* name -> struct pace_domain */
	GQueue changes;      /* of struct pace_domain, borrowed */
};

static void domain_free(gpointer data)
{
	struct pace_domain *domain = data;

	g_free(domain->name);
	g_free(domain);
}

struct pace *pace_new(const struct pace_limit *usual)
{
	struct pace *pace = g_new0(struct pace, 1);

	pace->usual = *usual;
	pace->limits = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	pace->domains = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, domain_free);
	return pace;
}

void pace_free(struct pace *pace)
{
	if (!pace)
		return;
	g_queue_clear(&pace->changes);
	g_hash_table_unref(pace->limits);
	g_hash_table_unref(pace->domains);
	g_free(pace);
}

void pace_set_limit(struct pace *pace, const char *domain, const struct pace_limit *limit)
{
	struct pace_limit *copy = g_new(struct pace_limit, 1);

	*copy = *limit;
	g_hash_table_replace(pace->limits, g_ascii_strdown(domain, -1), copy);
}

struct pace_domain *pace_domain(struct pace *pace, const char *name)
{
	struct pace_domain *domain = g_hash_table_lookup(pace->domains, name);
	const struct pace_limit *limit;

	if (domain) {
		domain->users++;
		return domain;
	}
	limit = g_hash_table_lookup(pace->limits, name);
	domain = g_new0(struct pace_domain, 1);
	domain->name = g_strdup(name);
	domain->users = 1;
	domain->changes = &pace->changes;
	domain->limit = limit ? *limit : pace->usual;
	g_hash_table_insert(pace->domains, domain->name, domain);
	return domain;
}

void pace_release(struct pace *pace, struct pace_domain *domain)
{
	if (domain->users > 0)
		domain->users--;
	if (domain->users == 0 && domain->strikes == 0 && !domain->changed)
		g_hash_table_remove(pace->domains, domain->name);
}

gboolean pace_is_held(const struct pace_domain *domain, gint64 now_s)
{
	return domain->hold_until > now_s;
}

gboolean pace_is_full(const struct pace_domain *domain)
{
	return domain->limit.at_once && domain->under_way >= domain->limit.at_once;
}

void pace_begin(struct pace_domain *domain)
{
	domain->under_way++;
}

static void note_change(struct pace_domain *domain)
{
	if (!domain->changed)
		g_queue_push_tail(domain->changes, domain);
	domain->changed = TRUE;
}

void pace_end(struct pace_domain *domain, gboolean taken, gboolean refused, gint64 now_s)
{
	if (domain->under_way > 0)
		domain->under_way--;
	if (refused && !pace_is_held(domain, now_s)) {
		domain->strikes = MIN(domain->strikes + 1, 16);
		domain->hold_until = now_s + MIN((gint64)PACE_HOLD_FIRST_S << (domain->strikes - 1),
						 PACE_HOLD_MAX_S);
		note_change(domain);
	} else if (taken && domain->strikes > 0 && !pace_is_held(domain, now_s)) {
		domain->strikes = 0;
		domain->hold_until = 0;
		note_change(domain);
	}
}

struct pace_domain *pace_next_changed(struct pace *pace)
{
	struct pace_domain *domain = g_queue_pop_head(&pace->changes);

	if (domain)
		domain->changed = FALSE;
	return domain;
}

void pace_not_stored(struct pace *pace, struct pace_domain *domain)
{
	domain->changed = TRUE;
	g_queue_push_head(&pace->changes, domain);
}

void brake_add(struct brake *brake, gboolean bad)
{
	if (brake->n == BRAKE_LAST)
		brake->bads -= brake->bad[brake->next];
	else
		brake->n++;
	brake->bad[brake->next] = bad ? 1 : 0;
	brake->bads += brake->bad[brake->next];
	brake->next = (brake->next + 1) % BRAKE_LAST;
}

gboolean brake_is_on(const struct brake *brake, guint percent)
{
	return percent > 0 && brake->n >= BRAKE_LEAST && brake->bads * 100 >= percent * brake->n;
}
