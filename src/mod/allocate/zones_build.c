/* From data to the map of a county: neighbours, where zones begin, and who may go where. */
#include "mod/allocate/zones.h"

#include <math.h>

#define DEGREE_METRES 111195.0

struct builder {
	struct arena *mem;
	const struct zones_data *d;
	struct zones_county *c;
	int32_t blocks, sites;
	int32_t *block_of; /* [community]: block, or -1 */
	int32_t *site_of;  /* [leader]: site, or -1 */
	struct near near;
	int64_t *edge_metres; /* by the places of near.to */
	bool *is_marked;
	int32_t *home; /* [school]: the block it stands in */
};

int64_t zones_metres(const struct zones_data *d, int32_t community, int32_t leader)
{
	double least = HUGE_VAL;

	for (int32_t i = 0; i < d->places.site_count; i++)
		if (d->leader[i] == leader)
			least = fmin(least, places_km(&d->places, community, i));
	return llround(least * 1000);
}

static int64_t places_of(const struct zones_data *d, int32_t leader)
{
	int64_t sum = 0;

	for (int32_t i = 0; i < d->places.site_count; i++)
		if (d->leader[i] == leader && d->places.sites[i].is_open)
			sum += d->places.rooms[i * d->places.kind_count + d->kind].places;
	return sum;
}

static void list_members(struct builder *b)
{
	const struct places_data *p = &b->d->places;

	b->c->communities = arena_array(b->mem, int32_t, p->community_count);
	b->c->schools = arena_array(b->mem, int32_t, p->site_count);
	b->block_of = arena_array(b->mem, int32_t, p->community_count);
	b->site_of = arena_array(b->mem, int32_t, p->site_count);
	for (int32_t v = 0; v < p->community_count; v++) {
		b->block_of[v] = -1;
		if (!str_eq(p->communities[v].county, b->c->code))
			continue;
		b->block_of[v] = b->blocks;
		b->c->communities[b->blocks++] = v;
	}
	for (int32_t i = 0; i < p->site_count; i++) {
		b->site_of[i] = -1;
		if (b->d->leader[i] != i || !str_eq(p->sites[i].county, b->c->code) ||
			places_of(b->d, i) == 0)
			continue;
		b->site_of[i] = b->sites;
		b->c->schools[b->sites++] = i;
	}
}

/* --- neighbours ----------------------------------------------------------------------------- */

struct pair {
	int32_t a, b;
	bool is_marked;
};

static int by_ends(const void *x, const void *y)
{
	const struct pair *p = x, *q = y;

	return p->a != q->a ? (p->a > q->a) - (p->a < q->a) : (p->b > q->b) - (p->b < q->b);
}

static struct near derive(struct builder *b)
{
	const struct places_data *p = &b->d->places;
	int64_t *x = arena_array(b->mem, int64_t, b->blocks);
	int64_t *y = arena_array(b->mem, int64_t, b->blocks);
	double middle = 0;

	for (int32_t v = 0; v < b->blocks; v++)
		middle += p->communities[b->c->communities[v]].lat / b->blocks;
	for (int32_t v = 0; v < b->blocks; v++) {
		const struct places_community *c = &p->communities[b->c->communities[v]];
		x[v] = llround(c->lon * DEGREE_METRES * cos(middle * acos(-1) / 180));
		y[v] = llround(c->lat * DEGREE_METRES);
	}
	return near_gabriel(b->mem, b->blocks, x, y);
}

/* What the ledger says of two blocks, the last row counts; NULL: nothing. */
static const struct zones_edge *given(const struct builder *b, int32_t v, int32_t u)
{
	int32_t x = b->c->communities[v], y = b->c->communities[u];
	const struct zones_edge *found = NULL;

	for (size_t n = 0; n < b->d->edges.count; n++)
		if (b->d->edges.items[n].a == MIN(x, y) && b->d->edges.items[n].b == MAX(x, y))
			found = &b->d->edges.items[n];
	return found;
}

static int64_t between(const struct builder *b, int32_t v, int32_t u)
{
	const struct places_community *p = b->d->places.communities;
	const struct places_community *x = &p[b->c->communities[v]];
	const struct places_community *y = &p[b->c->communities[u]];
	double east = (x->lon - y->lon) * cos(x->lat * acos(-1) / 180);

	return llround(hypot(east, x->lat - y->lat) * DEGREE_METRES);
}

/* Both ways, from pairs that are sorted and there once each way. */
static void set_near(struct builder *b, const struct pair *pairs, size_t count)
{
	b->near = (struct near){.count = b->blocks,
		.first = arena_array(b->mem, int32_t, b->blocks + 1),
		.to = arena_array(b->mem, int32_t, count)};
	b->edge_metres = arena_array(b->mem, int64_t, count);
	b->is_marked = arena_array(b->mem, bool, count);
	for (size_t n = 0; n < count; n++) {
		b->near.first[pairs[n].a + 1]++;
		b->near.to[n] = pairs[n].b;
		b->is_marked[n] = pairs[n].is_marked;
		b->edge_metres[n] = between(b, pairs[n].a, pairs[n].b);
	}
	for (int32_t v = 0; v < b->blocks; v++)
		b->near.first[v + 1] += b->near.first[v];
}

static void find_neighbours(struct builder *b)
{
	struct near derived = {0};
	VEC(struct pair) pairs = {0};
	size_t kept = 0;

	if (b->d->is_derived)
		derived = derive(b);
	for (int32_t v = 0; v < derived.count; v++)
		for (int32_t e = derived.first[v]; e < derived.first[v + 1]; e++)
			if (!given(b, v, derived.to[e]))
				*VEC_PUSH(b->mem, &pairs) = (struct pair){v, derived.to[e], false};
	for (size_t n = 0; n < b->d->edges.count; n++) {
		int32_t v = b->block_of[b->d->edges.items[n].a];
		int32_t u = b->block_of[b->d->edges.items[n].b];
		const struct zones_edge *e = v < 0 || u < 0 ? NULL : given(b, v, u);
		if (!e || e->is_apart)
			continue;
		*VEC_PUSH(b->mem, &pairs) = (struct pair){v, u, e->is_marked};
		*VEC_PUSH(b->mem, &pairs) = (struct pair){u, v, e->is_marked};
	}
	if (pairs.count)
		qsort(pairs.items, pairs.count, sizeof *pairs.items, by_ends);
	for (size_t n = 0; n < pairs.count; n++)
		if (n == 0 || by_ends(&pairs.items[n], &pairs.items[n - 1]) != 0)
			pairs.items[kept++] = pairs.items[n];
	set_near(b, pairs.items, kept);
}

/* --- sites ---------------------------------------------------------------------------------- */

static void find_homes(struct builder *b)
{
	const struct places_data *p = &b->d->places;

	b->home = arena_array(b->mem, int32_t, p->site_count);
	for (int32_t i = 0; i < p->site_count; i++) {
		double least = HUGE_VAL;
		b->home[i] = -1;
		for (int32_t v = 0; v < b->blocks && b->site_of[b->d->leader[i]] >= 0; v++) {
			double km = places_km(p, b->c->communities[v], i);
			if (km < least) {
				least = km;
				b->home[i] = v;
			}
		}
	}
}

/* The upper limit of each grade is its share of the places, rounded up. */
static void set_limits(struct builder *b)
{
	int32_t kinds = b->d->cohort_count;
	int64_t *upper = arena_array(b->mem, int64_t, b->sites * kinds);
	int64_t *lower = arena_array(b->mem, int64_t, b->sites * kinds);

	for (int32_t r = 0; r < b->sites * kinds; r++) {
		int64_t places = places_of(b->d, b->c->schools[r / kinds]);
		int64_t each = 100 * (int64_t)kinds;
		upper[r] = (places * b->d->fill_max + (kinds > 1 ? each - 1 : 0)) / each;
		lower[r] = MIN(places * b->d->fill_min / each, upper[r]);
	}
	b->c->map.upper = upper;
	b->c->map.lower = lower;
}

static bool fits(const struct builder *b, int32_t block, int32_t site)
{
	int32_t kinds = b->d->cohort_count;

	for (int32_t k = 0; k < kinds; k++)
		if (b->c->map.demand[block * kinds + k] > b->c->map.upper[site * kinds + k])
			return false;
	return true;
}

/* Where the zone of a school may begin: see zones.h. */
static void set_roots(struct builder *b)
{
	const struct places_data *p = &b->d->places;
	int32_t *schools = arena_array(b->mem, int32_t, b->blocks);
	int32_t *first = arena_array(b->mem, int32_t, b->sites + 1);
	VEC(int32_t) roots = {0};

	for (int32_t i = 0; i < p->site_count; i++)
		if (b->home[i] >= 0)
			schools[b->home[i]]++;
	for (int32_t s = 0; s < b->sites; s++) {
		for (int32_t i = 0; i < p->site_count; i++) {
			int32_t home = b->home[i];
			if (home < 0 || b->d->leader[i] != b->c->schools[s])
				continue;
			*VEC_PUSH(b->mem, &roots) = home;
			if (schools[home] == 1 && fits(b, home, s))
				continue;
			for (int32_t e = b->near.first[home]; e < b->near.first[home + 1]; e++)
				*VEC_PUSH(b->mem, &roots) = b->near.to[e];
		}
		first[s + 1] = (int32_t)roots.count;
	}
	b->c->map.first_root = first;
	b->c->map.root = roots.items;
}

/* --- arcs ----------------------------------------------------------------------------------- */

/* The rules of a community: may it go there, and must it? */
static bool is_allowed(const struct zones_data *d, int32_t community, int32_t leader, bool is_near)
{
	for (size_t n = 0; n < d->rules.count; n++) {
		const struct zones_rule *r = &d->rules.items[n];
		if (r->community != community)
			continue;
		if (r->is_pin)
			return d->leader[r->site] == leader;
		if (d->leader[r->site] == leader)
			return false;
	}
	return is_near;
}

/* [site * blocks + block]: crossings on the way from the nearest of its schools; NULL: none. */
static int32_t *count_crossings(struct builder *b)
{
	int32_t *out, *one;
	bool is_any = false;

	for (int32_t e = 0; e < b->near.first[b->blocks]; e++)
		is_any |= b->is_marked[e];
	if (!is_any)
		return NULL;
	out = arena_array(b->mem, int32_t, (size_t)b->sites * (size_t)b->blocks);
	one = arena_array(b->mem, int32_t, b->blocks);
	for (size_t n = 0; n < (size_t)b->sites * (size_t)b->blocks; n++)
		out[n] = INT32_MAX;
	for (int32_t i = 0; i < b->d->places.site_count; i++) {
		int32_t site = b->home[i] < 0 ? -1 : b->site_of[b->d->leader[i]];
		if (site < 0)
			continue;
		near_count_marks(&b->near, b->edge_metres, b->is_marked, b->home[i], one);
		for (int32_t v = 0; v < b->blocks; v++) {
			int32_t *at = &out[(size_t)site * (size_t)b->blocks + (size_t)v];
			*at = MIN(*at, MAX(one[v], 0));
		}
	}
	return out;
}

static void add_arcs(struct builder *b)
{
	const struct zones_data *d = b->d;
	int32_t *first = arena_array(b->mem, int32_t, b->blocks + 1);
	int32_t *crossings = count_crossings(b);
	VEC(int32_t) site = {0}, crossing = {0};
	VEC(int64_t) cost = {0}, metres = {0};

	for (int32_t v = 0; v < b->blocks; v++) {
		int32_t community = b->c->communities[v], now = d->current[community];
		for (int32_t s = 0; s < b->sites; s++) {
			int64_t m = zones_metres(d, community, b->c->schools[s]);
			double minutes = places_minutes(&d->places, d->kind, (double)m / 1000);
			int32_t over =
				crossings ? crossings[(size_t)s * (size_t)b->blocks + (size_t)v]
					  : 0;
			bool is_changed = now >= 0 && d->leader[now] != b->c->schools[s];
			if (!is_allowed(d, community, b->c->schools[s],
				    minutes <= d->places.kinds[d->kind].minutes_max))
				continue;
			*VEC_PUSH(b->mem, &site) = s;
			*VEC_PUSH(b->mem, &crossing) = over;
			*VEC_PUSH(b->mem, &metres) = m;
			*VEC_PUSH(b->mem, &cost) =
				m + over * d->crossing_weight + (is_changed ? d->change_weight : 0);
		}
		first[v + 1] = (int32_t)site.count;
	}
	b->c->map.first_arc = first;
	b->c->map.arc_site = site.items;
	b->c->map.arc_cost = cost.items;
	b->c->metres = metres.items;
	b->c->crossing = crossing.items;
}

enum err zones_build(
	struct ctx *cx, const struct zones_data *data, struct str code, struct zones_county *out)
{
	struct builder b = {.mem = cx->mem, .d = data, .c = out};
	int32_t kinds = data->cohort_count;
	int64_t *demand;

	*out = (struct zones_county){.data = data, .code = code};
	list_members(&b);
	if (b.sites == 0)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "县区 " STR_FMT " 没有这个学段的开办校点",
				"county " STR_FMT " has no open school of this stage"),
			STR_ARG(code));
	demand = arena_array(cx->mem, int64_t, b.blocks * kinds);
	for (int32_t n = 0; n < b.blocks * kinds; n++)
		demand[n] = data->demand[out->communities[n / kinds] * kinds + n % kinds];
	out->map.block_count = b.blocks;
	out->map.site_count = b.sites;
	out->map.cohort_count = kinds;
	out->map.demand = demand;
	find_neighbours(&b);
	out->map.first_near = b.near.first;
	out->map.near = b.near.to;
	find_homes(&b);
	set_limits(&b);
	set_roots(&b);
	add_arcs(&b);
	if (!zone_fits(&out->map))
		return ctx_fail(cx, ERR_TOO_LARGE, "%s",
			TR(cx, "人数、学位或路程太大",
				"too many children or places, or ways too long"));
	return ERR_OK;
}

int32_t zones_arc(const struct zones_county *c, int32_t block)
{
	for (int32_t e = c->map.first_arc[block]; e < c->map.first_arc[block + 1]; e++)
		if (c->map.arc_site[e] == c->answer.site[block])
			return e;
	return -1;
}
