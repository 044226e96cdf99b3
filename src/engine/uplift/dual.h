/*
 * The Lagrangian of a node of the search: a lower bound that falls apart into units. Internal.
 */
#pragma once

#include "engine/uplift/model.h"

/*
 * Rows in `active` have their CV and their total M in [from, to] dualised with rho >= 0 and eta;
 * the others only have bounds. Arrays over rows have UPLIFT_RESOURCES_MAX entries.
 */
struct dual {
	const struct model *m;
	uint32_t active;
	uint32_t fixed; /* rows left out, not active: they add a constant, fixed_value */
	double fixed_value[UPLIFT_RESOURCES_MAX];
	const uint32_t *must, *may;
	double from[UPLIFT_RESOURCES_MAX], to[UPLIFT_RESOURCES_MAX];
	double room[UPLIFT_RESOURCES_MAX]; /* no unit's mass can rise further above its bound */
	double rho_unit[UPLIFT_RESOURCES_MAX], eta_unit[UPLIFT_RESOURCES_MAX];
	double rho[UPLIFT_RESOURCES_MAX], eta[UPLIFT_RESOURCES_MAX];

	/* Of the last evaluation: */
	double value;      /* a lower bound, rounding errors taken off */
	uint32_t *excused; /* n: what each unit chooses */
	double *saving;    /* n * K: what excusing the pair would save the unit, >= 0 */
	double row_value[UPLIFT_RESOURCES_MAX]; /* value's parts for the chosen excusals */
	double total[UPLIFT_RESOURCES_MAX];     /* M of what the units choose */
	double slope_rho[UPLIFT_RESOURCES_MAX], slope_eta[UPLIFT_RESOURCES_MAX];
};

void dual_init(struct dual *d, const struct model *m, struct arena *mem);
/* Needs must, may, from, to, active, rho and eta. Sets the members below them. */
void dual_evaluate(struct dual *d);
/*
 * Raise the value by Shor's r-algorithm from the rho and eta there, at most `rounds` evaluations
 * and until enough is reached. Leaves the best point evaluated.
 */
void dual_ascend(struct dual *d, int rounds, double enough);
/* What the bound rises by if the unit were made to choose otherwise on bit k. Not below 0. */
double dual_regret(const struct dual *d, size_t i, size_t k);
