/*
 * The proof in integers. For any price q of a post and prices u >= 0 of the rows,
 *
 *   sum over persons of the least  cost - (move: sum u w) + q   of his arcs
 *   + sum over posts of the least  cost of n heads - q n        (n = 0, half, need or everybody)
 *   + sum u least
 *
 * is a lower bound of every plan that keeps the rows.
 */
#include "engine/posts/posts.h"

static int64_t move_bonus(const struct posts *p, const struct posts_answer *a, int32_t person)
{
	int64_t sum = 0;

	for (int32_t r = 0; r < p->row_count; r++)
		sum += MAX(a->row_price[r], 0) * p->row_weight[r * p->person_count + person];
	return sum;
}

static int64_t bound_of(const struct posts *p, const struct posts_answer *a)
{
	int64_t bound = 0;

	for (int32_t i = 0; i < p->person_count; i++) {
		int64_t bonus = move_bonus(p, a, i), least = INT64_MAX;
		for (int32_t e = p->first_arc[i]; e < p->first_arc[i + 1]; e++)
			least = MIN(least, p->arc_cost[e] - (p->arc_is_move[e] ? bonus : 0) +
						   a->post_price[p->arc_post[e]]);
		bound += least;
	}
	for (int32_t j = 0; j < p->post_count; j++) {
		int64_t heads[] = {0, p->need[j] / 2, p->need[j], p->person_count};
		int64_t least = INT64_MAX;
		for (size_t k = 0; k < ARRAY_LEN(heads); k++)
			least = MIN(least,
				posts_heads_cost(p, j, heads[k]) - a->post_price[j] * heads[k]);
		bound += least;
	}
	for (int32_t r = 0; r < p->row_count; r++)
		bound += MAX(a->row_price[r], 0) * p->row_least[r];
	return bound;
}

struct posts_verdict posts_check(const struct posts *p, const struct posts_answer *a)
{
	struct posts_verdict v = {.is_good = true, .bad_person = -1, .bad_row = -1};
	struct arena *mem = arena_create();
	int64_t *heads = arena_array(mem, int64_t, p->post_count), rows[POSTS_ROWS_MAX] = {0};

	for (int32_t i = 0; i < p->person_count; i++) {
		int32_t e = a->arc[i];
		if (e < p->first_arc[i] || e >= p->first_arc[i + 1]) {
			v.bad_person = i;
			v.is_good = false;
			break;
		}
		v.cost += p->arc_cost[e];
		heads[p->arc_post[e]]++;
		for (int32_t r = 0; r < p->row_count; r++)
			rows[r] += p->arc_is_move[e] ? p->row_weight[r * p->person_count + i] : 0;
	}
	for (int32_t j = 0; j < p->post_count; j++)
		v.cost += posts_heads_cost(p, j, heads[j]);
	for (int32_t r = 0; r < p->row_count && v.is_good; r++)
		if (rows[r] < p->row_least[r]) {
			v.bad_row = r;
			v.is_good = false;
		}
	v.bound = bound_of(p, a);
	arena_free(mem);
	return v;
}
