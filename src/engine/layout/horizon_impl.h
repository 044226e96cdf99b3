/* Inside horizon: one part in all its years. */
#pragma once

#include "engine/layout/horizon.h"
#include "engine/layout/layout_impl.h"

struct span {
	const struct horizon *h;
	int32_t years, points; /* points of the part */
	struct part *part;     /* [year] */
	struct dual *dual;     /* [year]; prices and unserved are slices of those below */
	double *price, *unserved, *demand, *ceiling; /* [year * points + point] */
	double bound;
	/* The shortest paths of the site looked at last. */
	double *reach;    /* [year * HORIZON_STATES_MAX + state]: least cost to be there then */
	uint8_t *came_of; /* the state of the year before */
};

void horizon_span_init(struct span *s, struct arena *mem, const struct horizon *h, struct cutter *c,
	int32_t number);
/* What a move costs, by the part's numbers of site and states; HUGE_VAL: not allowed. */
double horizon_span_move(
	const struct span *s, int32_t year, int32_t site, int32_t from, int32_t to);
enum span_values {
	SPAN_COST, /* value of the duals and moves */
	SPAN_MEAN, /* less the mean of the picks: moves cost nothing */
};
/* Fill reach for a site from the duals' values; banned states are not reached. */
void horizon_span_reach(struct span *s, int32_t site, enum span_values what);
/* The path that ends in a state (of the site, from 0): out[year], numbers of the part. */
void horizon_span_path(const struct span *s, int32_t site, int32_t last, int32_t *out);
/* The end of the cheapest path, from 0. */
int32_t horizon_span_end(const struct span *s, int32_t site);
/* Values of all duals at prices; returns what the points pay. */
double horizon_span_values(struct span *s, const double *price);
void horizon_span_climb(struct span *s, struct arena *scratch, const struct layout_limits *limits,
	double cost, double gap, int rounds);

struct walk {
	struct span *span;
	struct search *search; /* [year] */
	const struct layout_limits *limits;
	int32_t *state, *best; /* [year * sites + site], numbers of the part */
	double *price;         /* [year * points + point]: of the networks */
	double *moved;         /* [site]: what its moves cost in `state` */
	double best_cost;
	int64_t tries, tries_max;
	bool is_cut_short;
};

void horizon_walk_init(
	struct walk *w, struct arena *mem, struct span *s, const struct layout_limits *limits);
/* Serve `state` in all years; keeps the best; sets price. */
double horizon_walk_cost(struct walk *w);
void horizon_walk_dive(struct walk *w, struct arena *scratch, int32_t steps);
void horizon_walk_improve(struct walk *w, struct arena *scratch);
/* Of the networks of the last cost. */
int64_t horizon_walk_left(const struct walk *w);
