/*
 * Nodes where each site is decided but customers are not: single-source problems branch on which
 * site serves whom.
 */
#include "engine/places/tree.h"

#include <math.h>

/* How many sites may still serve customer j, and one of them. */
static int32_t sites_left(const struct tree *t, int32_t j, int32_t *one)
{
	int32_t count = 0;

	for (int32_t i = 0; i < t->f->site_count; i++) {
		size_t place = (size_t)i * (size_t)t->f->customer_count + (size_t)j;

		if (t->decided[i] == SITE_CLOSED || isinf(t->relax.unit[place]))
			continue;
		*one = i;
		count++;
	}
	return count;
}

/* Some customer has no site left, or those that have only one do not fit there together. */
bool pairs_are_dead(struct tree *t)
{
	int64_t *load = t->single.load;
	bool is_dead = false;

	memset(load, 0, (size_t)t->f->site_count * sizeof *load);
	for (int32_t j = 0; j < t->f->customer_count && !is_dead; j++) {
		int32_t one = -1, count = sites_left(t, j, &one);

		if (count == 1)
			load[one] += t->f->demand[j];
		is_dead = count == 0 || load[one] > t->f->capacity[one];
	}
	return is_dead;
}

/*
 * All sites are decided: of the customers that have a choice, the one that the climb placed least
 * surely, large ones first, at the site that it chose most. -1: nobody has a choice.
 */
int32_t pairs_most_doubtful(const struct tree *t)
{
	int32_t m = t->f->customer_count, pair = -1;
	double most = -1;

	for (int32_t j = 0; j < m; j++) {
		int32_t one = -1, often = -1, site = -1;
		double part, doubt;

		if (sites_left(t, j, &one) < 2)
			continue;
		for (int32_t i = 0; i < t->f->site_count; i++) {
			size_t place = (size_t)i * (size_t)m + (size_t)j;
			if (t->decided[i] == SITE_CLOSED || isinf(t->relax.unit[place]) ||
				t->relax.picks[place] <= often)
				continue;
			often = t->relax.picks[place];
			site = i;
		}
		part = (double)often / MAX(t->relax.rounds, 1);
		doubt = MIN(part, fabs(1 - part)) * t->relax.demand[j];
		if (doubt > most) {
			most = doubt;
			pair = site * m + j;
		}
	}
	return pair;
}

/* The relaxation's choice where it is clear, made into a plan. */
void pairs_try(struct tree *t, int effort)
{
	int32_t m = t->f->customer_count, *site_of = t->single.site_of;

	for (int32_t j = 0; j < m; j++)
		site_of[j] = -1;
	for (int32_t i = 0; i < t->f->site_count; i++) {
		t->trial[i] = t->decided[i] == SITE_OPEN;
		for (int32_t k = 0; t->trial[i] && k < t->relax.item_count[i]; k++) {
			int32_t j = t->relax.items[(size_t)i * (size_t)m + (size_t)k];
			site_of[j] = site_of[j] == -1 ? i : -2;
		}
	}
	for (int32_t j = 0; j < m; j++)
		site_of[j] = MAX(site_of[j], -1);
	(void)single_improve(&t->single, t->trial, effort);
}

/* Each customer has one site left: that is the plan, and its costs are the prices. */
void pairs_settle(struct tree *t, int32_t step)
{
	int32_t m = t->f->customer_count;

	for (int32_t i = 0; i < t->f->site_count; i++)
		t->trial[i] = t->decided[i] == SITE_OPEN;
	for (int32_t j = 0; j < m; j++) {
		int32_t one = -1;

		(void)sites_left(t, j, &one);
		t->single.site_of[j] = one;
		t->prices[j] = (double)t->f->cost[(size_t)one * (size_t)m + (size_t)j];
	}
	(void)single_improve(&t->single, t->trial, 0);
	t->bounds.items[step] = relax_bound(&t->relax, t->decided, t->prices);
	t->steps.items[step].prices = tree_keep_prices(t);
}
