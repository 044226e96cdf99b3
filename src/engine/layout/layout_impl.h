/*
 * Inside layout: one part, its relaxation and its search. layout_parts.c cuts the problem into
 * parts, layout_dual.c climbs the bound, layout_search.c makes plans. horizon*.c does the same for
 * several years at once.
 */
#pragma once

#include "engine/graph/flow.h"
#include "engine/layout/layout.h"

/* A group is a site with a kind that some point would have from it; its items are the points. */
struct part {
	const struct layout *l;
	int32_t kind_count, site_count, point_count, state_count, group_count, item_count;
	int32_t *site_id, *point_id; /* in l */
	int32_t *first_state;        /* [site + 1] */
	double *state_cost, *state_room;
	int32_t *group;      /* [site * kind_count + kind], or -1 */
	int32_t *first_item; /* [group + 1] */
	int32_t *item_point, *item_arc;
	double *item_cost, *demand;
	double unmet_cost;
};

/* Which part each site and point is in. */
struct cutter {
	const struct layout *l;
	int32_t *root;    /* [site] while joining */
	int32_t *of_site; /* [site]: part, or -1: nobody comes there */
	int32_t *of_point;
	int32_t count;
	int32_t *local; /* [site]: its number in the part last taken */
};

void layout_cut(struct cutter *c, struct arena *mem, const struct layout *l);
/* l: the one that was cut, or one with the same sites, points and arcs. */
void layout_take_part(struct cutter *c, struct arena *mem, const struct layout *l, int32_t number,
	struct part *p);

static inline int32_t part_state_id(const struct part *p, int32_t site, int32_t state)
{
	return p->l->first_state[p->site_id[site]] + state - p->first_state[site];
}

/* A row that the relaxation keeps: room of one kind in units of `unit`, up to what is needed. */
struct dual_row {
	int32_t kind; /* -1: there is none */
	int32_t need;
	double unit;
	double *least; /* [need + 1], and the next */
	int16_t *pick; /* [site * (need + 1) + room]: the state, from 0 of the site's */
};

struct dual {
	const struct part *p;
	struct dual_row row;
	int32_t *order;          /* [item]: each group's items, best first */
	double *gain;            /* [item]: price less cost */
	double *largest;         /* [group]: room of its largest state */
	double *level;           /* [group]: items that gain less did not matter last time */
	double *weights, *gains; /* sums over the first k of a group */
	double *value;           /* [state]: its cost less what its customers pay */
	int32_t *pick;           /* [site]: the state of least value */
	double *unserved;        /* [point]: share */
	double *best_value;      /* [state], at the best bound */
	bool *is_banned;         /* [state]: not to be picked */
	double *mean_state;      /* [state]: how often it was picked, in the mean */
	double bound;
	double *price; /* [point]: of the best bound */
};

void layout_dual_init(struct dual *d, struct arena *mem, const struct part *p);
/* Keep the row where the part is small and of one kind; false: it is not. */
bool layout_dual_keep_row(struct dual *d, struct arena *mem);
/* The bound that prices give; fills value, pick and unserved. */
double layout_dual_value(struct dual *d, const double *price);
/* Its steps: value, and what the points pay; then, with pick set, unserved. */
double layout_dual_values(struct dual *d, const double *price);
void layout_dual_serve(struct dual *d, const double *price);
/* Take the picks into mean_state with this weight; 1: begin. */
void layout_dual_average(struct dual *d, double alpha);

/* What a climb moves: the prices of points, by the bound that they give. */
struct ascent {
	int32_t count;
	const double *demand, *ceiling; /* [point]; no price passes its ceiling */
	double *price;                  /* [point]: of the best bound; the start */
	const double *unserved;         /* [point]: share, set by value */
	double bound;
	void *of;
	double (*value)(void *of, const double *price);
	void (*keep)(void *of);                  /* the last value is the best so far */
	void (*average)(void *of, double alpha); /* take the last picks into their mean */
	const struct layout_limits *limits;      /* who may end it early; NULL: nobody */
};
/* By the volume algorithm, until the gap to `cost` is closed to `gap` or `rounds` are done. */
void layout_climb(struct ascent *a, struct arena *scratch, double cost, double gap, int rounds);

/* Climb from d->price; cost: of the best plan. Ends when the gap is closed to `gap`. */
void layout_dual_climb(struct dual *d, struct arena *scratch, const struct layout_limits *limits,
	double cost, double gap, int rounds);

struct search {
	const struct part *p;
	struct dual *dual;
	const struct layout_limits *limits;
	/* One network a kind: source -> groups -> points; source -> points: what is left. */
	struct flow *flow[LAYOUT_KINDS_MAX];
	bool is_stale[LAYOUT_KINDS_MAX]; /* room has changed since it was solved */
	double served[LAYOUT_KINDS_MAX]; /* its cost */
	int32_t *group_at, *point_at;    /* their nodes */
	int32_t *item_at, *left_at;      /* arcs of items and of what points leave */
	int32_t *in_flow;                /* [site]: the state whose room the networks have */
	int32_t *state, *best_state;
	double *price; /* [point]: of the network's flow */
	bool *is_out;  /* [state]: cannot be in a better plan */
	double best_cost;
	int64_t flows, flows_max; /* solved, and when to stop improving */
	bool is_cut_short;
};

void layout_search_init(struct search *s, struct arena *mem, const struct part *p, struct dual *d,
	const struct layout_limits *limits);
/* Serve the sites in s->state; keeps the best; sets price. */
double layout_search_cost(struct search *s);
/* A plan from the relaxation: sites are settled little by little, the surest first, and the prices
 * climbed again in between; `steps` is about how many times. */
void layout_search_dive(struct search *s, struct arena *scratch, int32_t steps);
/* From s->state: add room where units are left, the cheapest that takes them first. */
void layout_search_repair(struct search *s, struct arena *scratch);
/* What the network of the last search_cost serves. */
int64_t layout_search_item(const struct search *s, int32_t item);
int64_t layout_search_left(const struct search *s, int32_t point);
/* Improve the best plan until nothing helps, the gap is closed or flows_max is reached. */
void layout_search_improve(struct search *s, struct arena *scratch);
