/*
 * Deferred acceptance on random problems: stable by the checker; against all matchings of tiny
 * ones the best stable one for every applicant; without pools the same as dealing by rank; no
 * applicant gains by another list. prop-admit SEED COUNT
 */
#include "base/rng.h"
#include "engine/admit/admit.h"

struct made {
	struct admit_problem p;
	uint32_t *rank, *group, *first, *choices, *seats;
	int64_t *score;
	struct admit_pool *pools;
};

static void fail(uint64_t seed, int i, const char *what)
{
	fprintf(stderr, "admit: %s (seed %" PRIu64 ", instance %d)\n", what, seed, i);
	exit(1);
}

static void shuffle(struct rng *rng, uint32_t *items, uint32_t n)
{
	for (uint32_t i = n; i > 1; i--) {
		uint32_t k = (uint32_t)rng_below(rng, i), t = items[i - 1];
		items[i - 1] = items[k];
		items[k] = t;
	}
}

static struct made make(struct arena *mem, struct rng *rng, uint32_t n, uint32_t sites,
	uint32_t groups, bool has_pools)
{
	struct made m = {.rank = arena_array(mem, uint32_t, n),
		.group = arena_array(mem, uint32_t, n),
		.score = arena_array(mem, int64_t, n),
		.first = arena_array(mem, uint32_t, n + 1),
		.choices = arena_array(mem, uint32_t, n * sites),
		.seats = arena_array(mem, uint32_t, sites),
		.pools = arena_array(mem, struct admit_pool, sites * groups)};
	uint32_t *all = arena_array(mem, uint32_t, sites), at = 0, pools = 0;

	for (uint32_t i = 0; i < n; i++)
		m.rank[i] = i;
	shuffle(rng, m.rank, n);
	for (uint32_t s = 0; s < sites; s++)
		all[s] = s;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t length = (uint32_t)rng_below(rng, (int64_t)sites + 1);
		m.score[i] = 1000 - (int64_t)m.rank[i] * 10;
		m.group[i] = rng_below(rng, 5) ? (uint32_t)rng_below(rng, groups) : ADMIT_NONE;
		shuffle(rng, all, sites);
		m.first[i] = at;
		for (uint32_t k = 0; k < length; k++)
			m.choices[at++] = all[k];
	}
	m.first[n] = at;
	for (uint32_t s = 0; s < sites; s++) {
		m.seats[s] = (uint32_t)rng_below(rng, 1 + n / sites);
		for (uint32_t g = 0; has_pools && g < groups; g++)
			if (rng_below(rng, 2))
				m.pools[pools++] = (struct admit_pool){s, g,
					(uint32_t)rng_below(rng, 2 + n / sites / groups),
					rng_below(rng, 2) ? INT64_MIN
							  : 1000 - rng_below(rng, n) * 10};
	}
	m.p = (struct admit_problem){n, sites, pools, m.rank, m.score, m.group, m.first, m.choices,
		m.seats, m.pools, rng_below(rng, 2) == 1};
	return m;
}

/* Every matching of a tiny problem: choice[i] runs over the list and "nowhere". */
static bool next_matching(const struct admit_problem *p, uint32_t *choice)
{
	for (uint32_t i = 0; i < p->applicant_count; i++) {
		if (++choice[i] <= p->first_choice[i + 1] - p->first_choice[i])
			return true;
		choice[i] = 0;
	}
	return false;
}

/* Stable as sets of people: pools are not part of the question, so none is said. */
static bool is_stable(struct arena *mem, const struct admit_problem *p, const uint32_t *choice)
{
	struct admit_result r = {.site = arena_array(mem, uint32_t, p->applicant_count),
		.pool = arena_array(mem, uint32_t, p->applicant_count),
		.choice = arena_array(mem, uint32_t, p->applicant_count)};
	struct admit_check check;

	for (uint32_t i = 0; i < p->applicant_count; i++) {
		bool is_none = choice[i] == p->first_choice[i + 1] - p->first_choice[i];
		r.choice[i] = is_none ? ADMIT_NONE : choice[i];
		r.site[i] = is_none ? ADMIT_NONE : p->choices[p->first_choice[i] + choice[i]];
		r.pool[i] = ADMIT_NONE;
	}
	admit_verify(mem, p, &r, &check);
	return check.fault == ADMIT_STABLE;
}

static void compare_with_all(struct rng *rng, uint64_t seed, int instance)
{
	struct arena *mem = arena_create();
	struct made m = make(mem, rng, (uint32_t)rng_between(rng, 1, 5),
		(uint32_t)rng_between(rng, 1, 3), 2, true);
	uint32_t *choice = arena_array(mem, uint32_t, m.p.applicant_count);
	struct admit_result r;
	struct admit_check check;

	admit_solve(mem, &m.p, &r);
	admit_verify(mem, &m.p, &r, &check);
	if (check.fault != ADMIT_STABLE)
		fail(seed, instance, admit_fault_name(check.fault));
	do {
		if (!is_stable(mem, &m.p, choice))
			continue;
		for (uint32_t i = 0; i < m.p.applicant_count; i++)
			if (choice[i] < r.choice[i] &&
				choice[i] < m.p.first_choice[i + 1] - m.p.first_choice[i])
				fail(seed, instance, "a stable matching is better for somebody");
	} while (next_matching(&m.p, choice));
	arena_free(mem);
}

static void compare_with_dealing(struct rng *rng, uint64_t seed, int instance)
{
	struct arena *mem = arena_create();
	struct made m = make(mem, rng, (uint32_t)rng_between(rng, 1, 300), 7, 3, false);
	uint32_t *left = arena_array(mem, uint32_t, 7);
	uint32_t *in_order = arena_array(mem, uint32_t, m.p.applicant_count);
	struct admit_result r;

	admit_solve(mem, &m.p, &r);
	memcpy(left, m.seats, 7 * sizeof *left);
	for (uint32_t i = 0; i < m.p.applicant_count; i++)
		in_order[m.rank[i]] = i;
	for (uint32_t k = 0; k < m.p.applicant_count; k++) {
		uint32_t who = in_order[k], got = ADMIT_NONE;
		for (uint32_t at = m.first[who]; at < m.first[who + 1] && got == ADMIT_NONE; at++)
			if (left[m.choices[at]]) {
				left[m.choices[at]]--;
				got = m.choices[at];
			}
		if (got != r.site[who])
			fail(seed, instance, "not what dealing by rank gives");
	}
	arena_free(mem);
}

static uint32_t true_place(const struct made *m, uint32_t who, uint32_t site)
{
	for (uint32_t at = m->first[who]; at < m->first[who + 1]; at++)
		if (m->choices[at] == site)
			return at - m->first[who];
	return ADMIT_NONE;
}

static void try_to_gain(struct rng *rng, uint64_t seed, int instance)
{
	struct arena *mem = arena_create();
	struct made m = make(mem, rng, (uint32_t)rng_between(rng, 2, 40), 5, 3, true);
	uint32_t who = (uint32_t)rng_below(rng, m.p.applicant_count);
	uint32_t length = m.first[who + 1] - m.first[who], *lie;
	struct admit_result honest, other;
	struct admit_problem lied = m.p;
	struct admit_check check;

	admit_solve(mem, &m.p, &honest);
	admit_verify(mem, &m.p, &honest, &check);
	if (check.fault != ADMIT_STABLE)
		fail(seed, instance, admit_fault_name(check.fault));
	lie = arena_array(mem, uint32_t, m.first[m.p.applicant_count]);
	memcpy(lie, m.choices, m.first[m.p.applicant_count] * sizeof *lie);
	shuffle(rng, lie + m.first[who], length);
	lied.choices = lie;
	admit_solve(mem, &lied, &other);
	if (other.site[who] != ADMIT_NONE &&
		true_place(&m, who, other.site[who]) < honest.choice[who])
		fail(seed, instance, "another list than the true one gains");
	arena_free(mem);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
	int count = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 500;
	struct rng rng;

	rng_seed(&rng, seed);
	for (int i = 0; i < count; i++) {
		compare_with_all(&rng, seed, i);
		compare_with_dealing(&rng, seed, i);
		try_to_gain(&rng, seed, i);
	}
	printf("admit: %d random problems of each kind, seed %" PRIu64 "\n", count, seed);
	return 0;
}
