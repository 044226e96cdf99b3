/*
 * A result looked over without a line of the solver's: for each site its seats are dealt out anew
 * among those it holds and all who would rather be there; it must come to the same people.
 */
#include "engine/admit/admit.h"

struct check {
	struct arena *mem;
	const struct admit_problem *p;
	const struct admit_result *r;
	uint32_t *in_order;   /* applicants by rank */
	uint32_t *candidates; /* of a site, by rank */
	bool *is_used;        /* of a candidate, while seats are dealt */
};

const char *admit_fault_name(enum admit_fault fault)
{
	static const char *const names[] = {"stable", "unlisted", "overfull", "floor", "envy"};

	return names[fault];
}

static bool may_have(const struct admit_problem *p, const struct admit_pool *pool, uint32_t who)
{
	return p->group[who] == pool->group && p->score[who] >= pool->floor;
}

/* Seats to the first candidates without one who may have the pool (NULL: to anybody). */
static uint32_t deal(struct check *c, uint32_t n, const struct admit_pool *pool, uint32_t seats)
{
	uint32_t given = 0;

	for (uint32_t i = 0; i < n && given < seats; i++) {
		if (c->is_used[i] || (pool && !may_have(c->p, pool, c->candidates[i])))
			continue;
		c->is_used[i] = true;
		given++;
	}
	return given;
}

static void deal_all(struct check *c, uint32_t site, uint32_t n)
{
	const struct admit_problem *p = c->p;
	uint32_t reverted = 0, open = p->seats[site];

	memset(c->is_used, 0, n * sizeof *c->is_used);
	if (p->is_open_first)
		(void)deal(c, n, NULL, open);
	for (uint32_t i = 0; i < p->pool_count; i++)
		if (p->pools[i].site == site)
			reverted += p->pools[i].seats - deal(c, n, &p->pools[i], p->pools[i].seats);
	(void)deal(c, n, NULL, p->is_open_first ? reverted : open + reverted);
}

static bool check_lists(const struct check *c, struct admit_check *out)
{
	for (uint32_t i = 0; i < c->p->applicant_count; i++) {
		uint32_t at = c->r->choice[i], first = c->p->first_choice[i];
		bool is_none = c->r->site[i] == ADMIT_NONE;
		if (is_none != (at == ADMIT_NONE) ||
			(!is_none && (at >= c->p->first_choice[i + 1] - first ||
					     c->p->choices[first + at] != c->r->site[i]))) {
			*out = (struct admit_check){ADMIT_UNLISTED, i, c->r->site[i]};
			return false;
		}
	}
	return true;
}

static bool check_seats(const struct check *c, struct admit_check *out)
{
	const struct admit_problem *p = c->p;
	uint32_t *taken = arena_array(c->mem, uint32_t, p->pool_count);
	uint64_t *seats = arena_array(c->mem, uint64_t, p->site_count);
	uint64_t *held = arena_array(c->mem, uint64_t, p->site_count);

	for (uint32_t i = 0; i < p->applicant_count; i++) {
		uint32_t pool = c->r->pool[i];
		if (c->r->site[i] == ADMIT_NONE)
			continue;
		held[c->r->site[i]]++;
		if (pool == ADMIT_NONE)
			continue;
		if (p->pools[pool].site != c->r->site[i] || !may_have(p, &p->pools[pool], i)) {
			*out = (struct admit_check){ADMIT_FLOOR, i, c->r->site[i]};
			return false;
		}
		if (++taken[pool] > p->pools[pool].seats) {
			*out = (struct admit_check){ADMIT_OVERFULL, ADMIT_NONE, c->r->site[i]};
			return false;
		}
	}
	for (uint32_t i = 0; i < p->pool_count; i++)
		seats[p->pools[i].site] += p->pools[i].seats;
	for (uint32_t s = 0; s < p->site_count; s++)
		if (held[s] > seats[s] + p->seats[s]) {
			*out = (struct admit_check){ADMIT_OVERFULL, ADMIT_NONE, s};
			return false;
		}
	return true;
}

/* The place of a site on an applicant's list comes before what was got. */
static bool would_rather(const struct check *c, uint32_t applicant, uint32_t site)
{
	const struct admit_problem *p = c->p;
	uint32_t first = p->first_choice[applicant], got = c->r->choice[applicant];
	uint32_t end = got == ADMIT_NONE ? p->first_choice[applicant + 1] : first + got;

	for (uint32_t at = first; at < end; at++)
		if (p->choices[at] == site)
			return true;
	return false;
}

static bool check_site(struct check *c, uint32_t site, struct admit_check *out)
{
	uint32_t n = 0;

	for (uint32_t k = 0; k < c->p->applicant_count; k++) {
		uint32_t who = c->in_order[k];
		if (c->r->site[who] == site || would_rather(c, who, site))
			c->candidates[n++] = who;
	}
	deal_all(c, site, n);
	for (uint32_t i = 0; i < n; i++)
		if (c->is_used[i] != (c->r->site[c->candidates[i]] == site)) {
			*out = (struct admit_check){ADMIT_ENVY, c->candidates[i], site};
			return false;
		}
	return true;
}

static void order(struct check *c)
{
	for (uint32_t i = 0; i < c->p->applicant_count; i++)
		c->in_order[c->p->rank[i]] = i;
}

void admit_verify(struct arena *mem, const struct admit_problem *p, const struct admit_result *r,
	struct admit_check *out)
{
	struct check c = {.mem = mem, .p = p, .r = r};

	*out = (struct admit_check){ADMIT_STABLE, ADMIT_NONE, ADMIT_NONE};
	c.candidates = arena_array(mem, uint32_t, p->applicant_count);
	c.in_order = arena_array(mem, uint32_t, p->applicant_count);
	c.is_used = arena_array(mem, bool, p->applicant_count);
	if (!check_lists(&c, out) || !check_seats(&c, out))
		return;
	order(&c);
	for (uint32_t s = 0; s < p->site_count; s++)
		if (!check_site(&c, s, out))
			return;
}
