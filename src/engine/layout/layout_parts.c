/* Cutting a layout into parts that share no site, and the arrays of one. */
#include "engine/layout/layout_impl.h"

static int32_t find_root(int32_t *root, int32_t i)
{
	while (root[i] != i) {
		root[i] = root[root[i]];
		i = root[i];
	}
	return i;
}

void layout_cut(struct cutter *c, struct arena *mem, const struct layout *l)
{
	*c = (struct cutter){.l = l,
		.root = arena_array(mem, int32_t, l->site_count),
		.of_site = arena_array(mem, int32_t, l->site_count),
		.of_point = arena_array(mem, int32_t, l->point_count),
		.local = arena_array(mem, int32_t, l->site_count)};
	for (int32_t i = 0; i < l->site_count; i++) {
		c->root[i] = i;
		c->of_site[i] = -1;
	}
	for (int32_t j = 0; j < l->point_count; j++)
		for (int32_t e = l->first_arc[j]; e < l->first_arc[j + 1]; e++)
			c->root[find_root(c->root, l->arc_site[e])] =
				find_root(c->root, l->arc_site[l->first_arc[j]]);
	for (int32_t j = 0; j < l->point_count; j++) {
		int32_t r;
		c->of_point[j] = -1;
		if (l->first_arc[j] == l->first_arc[j + 1])
			continue;
		r = find_root(c->root, l->arc_site[l->first_arc[j]]);
		if (c->of_site[r] < 0)
			c->of_site[r] = c->count++;
		c->of_point[j] = c->of_site[r];
	}
	for (int32_t i = 0; i < l->site_count; i++)
		c->of_site[i] = c->of_site[find_root(c->root, i)];
}

static void add_states(struct part *p, struct arena *mem)
{
	const struct layout *l = p->l;

	p->first_state = arena_array(mem, int32_t, p->site_count + 1);
	for (int32_t i = 0; i < p->site_count; i++)
		p->first_state[i + 1] = p->first_state[i] + l->first_state[p->site_id[i] + 1] -
					l->first_state[p->site_id[i]];
	p->state_count = p->first_state[p->site_count];
	p->state_cost = arena_array(mem, double, p->state_count);
	p->state_room = arena_array(mem, double, p->state_count * p->kind_count);
	for (int32_t i = 0; i < p->site_count; i++)
		for (int32_t s = p->first_state[i]; s < p->first_state[i + 1]; s++) {
			int32_t id = part_state_id(p, i, s);
			p->state_cost[s] = (double)l->state_cost[id];
			for (int32_t k = 0; k < p->kind_count; k++)
				p->state_room[s * p->kind_count + k] =
					(double)l->state_room[id * p->kind_count + k];
		}
}

static void add_items(struct part *p, struct arena *mem, const int32_t *local)
{
	const struct layout *l = p->l;
	int32_t slots = p->site_count * p->kind_count, *next;

	p->group = arena_array(mem, int32_t, slots);
	next = arena_array(mem, int32_t, slots + 1);
	for (int32_t g = 0; g < slots; g++)
		p->group[g] = -1;
	/* Count by slot, number the slots that have any, then place. */
	for (int32_t j = 0; j < p->point_count; j++) {
		int32_t id = p->point_id[j];
		for (int32_t e = l->first_arc[id]; e < l->first_arc[id + 1]; e++)
			next[local[l->arc_site[e]] * p->kind_count + l->kind[id]]++;
	}
	p->first_item = arena_array(mem, int32_t, slots + 1);
	for (int32_t g = 0; g < slots; g++) {
		int32_t count = next[g];
		if (count == 0)
			continue;
		p->group[g] = p->group_count;
		next[g] = p->first_item[p->group_count];
		p->first_item[++p->group_count] = p->item_count += count;
	}
	p->item_point = arena_array(mem, int32_t, p->item_count);
	p->item_arc = arena_array(mem, int32_t, p->item_count);
	p->item_cost = arena_array(mem, double, p->item_count);
	for (int32_t j = 0; j < p->point_count; j++) {
		int32_t id = p->point_id[j];
		p->demand[j] = (double)l->demand[id];
		for (int32_t e = l->first_arc[id]; e < l->first_arc[id + 1]; e++) {
			int32_t at = next[local[l->arc_site[e]] * p->kind_count + l->kind[id]]++;
			p->item_point[at] = j;
			p->item_arc[at] = e;
			p->item_cost[at] = (double)l->arc_cost[e];
		}
	}
}

void layout_take_part(
	struct cutter *c, struct arena *mem, const struct layout *l, int32_t number, struct part *p)
{

	*p = (struct part){
		.l = l, .kind_count = l->kind_count, .unmet_cost = (double)l->unmet_cost};
	p->site_id = arena_array(mem, int32_t, l->site_count);
	p->point_id = arena_array(mem, int32_t, l->point_count);
	for (int32_t i = 0; i < l->site_count; i++)
		if (c->of_site[i] == number) {
			c->local[i] = p->site_count;
			p->site_id[p->site_count++] = i;
		}
	for (int32_t j = 0; j < l->point_count; j++)
		if (c->of_point[j] == number)
			p->point_id[p->point_count++] = j;
	p->demand = arena_array(mem, double, p->point_count);
	add_states(p, mem);
	add_items(p, mem, c->local);
}
