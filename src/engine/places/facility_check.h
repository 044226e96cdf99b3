/*
 * Is this plan allowed, what does it cost, and is no plan cheaper than the bound? Checked from
 * the caller's data in integers; shares nothing with the solver.
 *
 * The proof is a tree of decisions. Each inner step splits the plans in two (a site open or
 * closed), so together the leaves hold all plans. For a
 * leaf and any prices p_j of the customers, any tolls t_i >= 0 of the sites' capacity, and any
 * toll u >= 0 on holding the demand, weak duality gives a lower bound; the checker takes the
 * prices from the leaf and finds good tolls itself.
 */
#pragma once

#include "engine/places/facility.h"

enum facility_fault {
	FACILITY_PLAN_GOOD,
	FACILITY_BAD_SHARE,     /* no such site or customer, or nothing is served */
	FACILITY_SITE_CLOSED,   /* a closed site serves */
	FACILITY_SITE_OVERFULL, /* more than its capacity */
	FACILITY_NOT_SERVED,    /* a customer gets more or less than its demand */
	FACILITY_SPLIT,         /* single-source, but two sites serve one customer */
};

struct facility_verdict {
	enum facility_fault fault;
	int32_t site, customer; /* where, or -1 */
	int64_t cost;           /* rounded up, to within a millionth a customer; 0: no good plan */
	bool has_bound;         /* the steps are a whole tree with prices */
	bool is_infeasible;     /* proved: no plan exists (the bound then says nothing) */
	int64_t bound;          /* rounded down; never above the cost of a good plan */
};

struct facility_verdict facility_check(const struct facility *f, const struct facility_answer *a);
