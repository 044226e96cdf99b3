/*
 * Admission by applicant-proposing deferred acceptance (Gale and Shapley 1962) to sites with open
 * seats and pools reserved for the applicants of one group each, with a score floor. Pool seats
 * that nobody of the group takes revert to open seats. In the order "pools first" the pools are
 * filled before the open seats, in "open first" after them: it changes who gets in (Dur,
 * Kominers, Pathak and Sönmez 2018), so the order is published before applicants choose.
 *
 * Every applicant is in one group and the order of applicants is strict, so each site's choice is
 * substitutable: the result is stable, best for every applicant among the stable ones, and no
 * applicant gains by listing another order than the true one.
 *
 * Pure: no clock, no randomness. Ties are broken by the caller, who makes the order strict.
 */
#pragma once

#include "base/arena.h"

#define ADMIT_NONE UINT32_MAX

struct admit_pool {
	uint32_t site, group, seats;
	int64_t floor; /* least score; INT64_MIN: none */
};

struct admit_problem {
	uint32_t applicant_count, site_count, pool_count;
	const uint32_t *rank;  /* of an applicant: 0 is the best, all different */
	const int64_t *score;  /* of an applicant, for the floors */
	const uint32_t *group; /* of an applicant; ADMIT_NONE: of no pool */
	/* The list of applicant i is choices[first_choice[i] .. first_choice[i + 1]), best first.
	 */
	const uint32_t *first_choice, *choices;
	const uint32_t *seats; /* open seats of a site */
	const struct admit_pool *pools;
	bool is_open_first;
};

struct admit_result {
	uint32_t *site;   /* of an applicant, or ADMIT_NONE */
	uint32_t *pool;   /* through which pool, or ADMIT_NONE: an open seat */
	uint32_t *choice; /* position in the own list, from 0; ADMIT_NONE */
	uint32_t admitted;
	uint32_t rounds;
};

/* The result lives in mem. Positions must be in range, lists without repeats. */
void admit_solve(struct arena *mem, const struct admit_problem *p, struct admit_result *out);

/* Why a result is not stable. */
enum admit_fault {
	ADMIT_STABLE,
	ADMIT_UNLISTED, /* an applicant got a site that is not on the list, or another place of it
			 */
	ADMIT_OVERFULL, /* a site or pool holds more than it has */
	ADMIT_FLOOR,    /* a pool seat under its floor or to another group */
	ADMIT_ENVY, /* a site would rather have the applicant than somebody it took, or has room */
};

struct admit_check {
	enum admit_fault fault;
	uint32_t applicant, site; /* who, where; ADMIT_NONE when it is no one's */
};

/* Look over a result with code of its own: seat by seat, by the rules of the header. */
void admit_verify(struct arena *mem, const struct admit_problem *p, const struct admit_result *r,
	struct admit_check *out);
const char *admit_fault_name(enum admit_fault fault);
