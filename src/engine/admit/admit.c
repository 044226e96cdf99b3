/*
 * Rounds: all who are free apply to the next site on their list; each site that got applications
 * merges them with those it holds, both sorted by rank, and keeps whom it chooses. Who is turned
 * away is free again. An application is made once, so the work is linear in the lists but for the
 * merging.
 */
#include "engine/admit/admit.h"

struct list {
	uint32_t *items; /* applicants by rank */
	uint32_t count, cap;
};

struct site {
	struct list held, applied;
	uint32_t first_pool, pool_count; /* in pools_by_site */
	bool is_waiting;                 /* on the list of sites to choose */
};

struct admission {
	struct arena *mem;
	const struct admit_problem *p;
	struct admit_result *out;
	struct site *sites;
	uint32_t *pools_by_site;
	uint32_t *next_choice; /* of an applicant */
	uint32_t *taken;       /* of a pool, while a site chooses */
	uint32_t *free_now, *free_next;
	uint32_t free_count, next_count;
	uint32_t *waiting; /* sites that got applications in this round */
	uint32_t waiting_count;
	uint32_t *merged; /* scratch */
};

static void push(struct arena *mem, struct list *list, uint32_t applicant)
{
	if (list->count == list->cap) {
		uint32_t cap = list->cap ? 2 * list->cap : 8;
		uint32_t *items = arena_array(mem, uint32_t, cap);
		if (list->count)
			memcpy(items, list->items, list->count * sizeof *items);
		list->items = items;
		list->cap = cap;
	}
	list->items[list->count++] = applicant;
}

static uint32_t pool_of(const struct admission *a, uint32_t site, uint32_t applicant)
{
	const struct site *s = &a->sites[site];
	const struct admit_problem *p = a->p;

	for (uint32_t i = 0; i < s->pool_count; i++) {
		uint32_t pool = a->pools_by_site[s->first_pool + i];
		if (p->pools[pool].group == p->group[applicant] &&
			p->score[applicant] >= p->pools[pool].floor)
			return pool;
	}
	return ADMIT_NONE;
}

/* One pass over the candidates by rank into the pools; who gets no pool seat stays in rest. */
static uint32_t fill_pools(
	struct admission *a, uint32_t site, uint32_t *candidates, uint32_t n, struct list *kept)
{
	uint32_t rest = 0;

	for (uint32_t i = 0; i < n; i++) {
		uint32_t who = candidates[i], pool = pool_of(a, site, who);
		if (pool != ADMIT_NONE && a->taken[pool] < a->p->pools[pool].seats) {
			a->taken[pool]++;
			a->out->pool[who] = pool;
			push(a->mem, kept, who);
		} else {
			candidates[rest++] = who;
		}
	}
	return rest;
}

static uint32_t fill_open(
	struct admission *a, uint32_t *candidates, uint32_t n, uint32_t seats, struct list *kept)
{
	uint32_t count = MIN(n, seats);

	for (uint32_t i = 0; i < count; i++) {
		a->out->pool[candidates[i]] = ADMIT_NONE;
		push(a->mem, kept, candidates[i]);
	}
	memmove(candidates, candidates + count, (n - count) * sizeof *candidates);
	return n - count;
}

static uint32_t unfilled(const struct admission *a, const struct site *s)
{
	uint32_t seats = 0;

	for (uint32_t i = 0; i < s->pool_count; i++) {
		uint32_t pool = a->pools_by_site[s->first_pool + i];
		seats += a->p->pools[pool].seats - a->taken[pool];
	}
	return seats;
}

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Applicants are handled by rank: numbers of the lists are ranks while they are sorted. */
static void sort_by_rank(const struct admission *a, uint32_t *items, uint32_t n, uint32_t *by_rank)
{
	for (uint32_t i = 0; i < n; i++)
		items[i] = a->p->rank[items[i]];
	if (n > 1)
		qsort(items, n, sizeof *items, by_number);
	for (uint32_t i = 0; i < n; i++)
		items[i] = by_rank[items[i]];
}

static uint32_t merge(const struct admission *a, const struct list *x, const struct list *y)
{
	const uint32_t *rank = a->p->rank;
	uint32_t i = 0, j = 0, n = 0;

	while (i < x->count || j < y->count)
		if (j == y->count || (i < x->count && rank[x->items[i]] < rank[y->items[j]]))
			a->merged[n++] = x->items[i++];
		else
			a->merged[n++] = y->items[j++];
	return n;
}

static void choose(struct admission *a, uint32_t site, uint32_t *by_rank)
{
	struct site *s = &a->sites[site];
	uint32_t n, open = a->p->seats[site];

	sort_by_rank(a, s->applied.items, s->applied.count, by_rank);
	n = merge(a, &s->held, &s->applied);
	s->held.count = s->applied.count = 0;
	s->is_waiting = false;
	for (uint32_t i = 0; i < s->pool_count; i++)
		a->taken[a->pools_by_site[s->first_pool + i]] = 0;
	if (a->p->is_open_first) {
		n = fill_open(a, a->merged, n, open, &s->held);
		n = fill_pools(a, site, a->merged, n, &s->held);
		n = fill_open(a, a->merged, n, unfilled(a, s), &s->held);
	} else {
		n = fill_pools(a, site, a->merged, n, &s->held);
		n = fill_open(a, a->merged, n, open + unfilled(a, s), &s->held);
	}
	sort_by_rank(a, s->held.items, s->held.count, by_rank);
	for (uint32_t i = 0; i < n; i++) {
		a->out->pool[a->merged[i]] = ADMIT_NONE;
		a->free_next[a->next_count++] = a->merged[i];
	}
}

static void apply(struct admission *a, uint32_t applicant)
{
	uint32_t at = a->p->first_choice[applicant] + a->next_choice[applicant];
	struct site *s;

	if (at == a->p->first_choice[applicant + 1])
		return; /* nowhere left to go */
	a->next_choice[applicant]++;
	s = &a->sites[a->p->choices[at]];
	push(a->mem, &s->applied, applicant);
	if (!s->is_waiting) {
		s->is_waiting = true;
		a->waiting[a->waiting_count++] = a->p->choices[at];
	}
}

static void sort_pools(struct admission *a)
{
	const struct admit_problem *p = a->p;
	uint32_t at = 0;

	for (uint32_t i = 0; i < p->pool_count; i++)
		a->sites[p->pools[i].site].pool_count++;
	for (uint32_t s = 0; s < p->site_count; s++) {
		a->sites[s].first_pool = at;
		at += a->sites[s].pool_count;
		a->sites[s].pool_count = 0;
	}
	for (uint32_t i = 0; i < p->pool_count; i++) {
		struct site *s = &a->sites[p->pools[i].site];
		a->pools_by_site[s->first_pool + s->pool_count++] = i;
	}
}

static void take_result(struct admission *a)
{
	for (uint32_t s = 0; s < a->p->site_count; s++)
		for (uint32_t i = 0; i < a->sites[s].held.count; i++) {
			uint32_t who = a->sites[s].held.items[i];
			a->out->site[who] = s;
			a->out->choice[who] = a->next_choice[who] - 1;
			a->out->admitted++;
		}
}

void admit_solve(struct arena *mem, const struct admit_problem *p, struct admit_result *out)
{
	struct arena *scratch = arena_create();
	struct admission a = {.mem = scratch, .p = p, .out = out};
	uint32_t n = p->applicant_count, *by_rank = arena_array(scratch, uint32_t, n), *other;

	*out = (struct admit_result){.site = arena_array(mem, uint32_t, n),
		.pool = arena_array(mem, uint32_t, n),
		.choice = arena_array(mem, uint32_t, n)};
	a.sites = arena_array(scratch, struct site, p->site_count);
	a.pools_by_site = arena_array(scratch, uint32_t, p->pool_count);
	a.taken = arena_array(scratch, uint32_t, p->pool_count);
	a.next_choice = arena_array(scratch, uint32_t, n);
	a.free_now = arena_array(scratch, uint32_t, n);
	a.free_next = arena_array(scratch, uint32_t, n);
	a.waiting = arena_array(scratch, uint32_t, p->site_count);
	a.merged = arena_array(scratch, uint32_t, n);
	sort_pools(&a);
	for (uint32_t i = 0; i < n; i++) {
		out->site[i] = out->pool[i] = out->choice[i] = ADMIT_NONE;
		by_rank[p->rank[i]] = i;
		a.free_now[a.free_count++] = i;
	}
	while (a.free_count) {
		out->rounds++;
		a.waiting_count = a.next_count = 0;
		for (uint32_t i = 0; i < a.free_count; i++)
			apply(&a, a.free_now[i]);
		for (uint32_t i = 0; i < a.waiting_count; i++)
			choose(&a, a.waiting[i], by_rank);
		other = a.free_now;
		a.free_now = a.free_next;
		a.free_next = other;
		a.free_count = a.next_count;
	}
	take_result(&a);
	arena_free(scratch);
}
