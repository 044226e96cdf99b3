#include "engine/zone/near.h"

struct by_distance {
	int64_t square;
	int32_t point;
};

static int compare(const void *a, const void *b)
{
	const struct by_distance *x = a, *y = b;

	if (x->square != y->square)
		return x->square < y->square ? -1 : 1;
	return (x->point > y->point) - (x->point < y->point);
}

static int64_t square(const int64_t *x, const int64_t *y, int32_t a, int32_t b)
{
	int64_t dx = x[a] - x[b], dy = y[a] - y[b];

	return dx * dx + dy * dy;
}

/* Does a point lie inside the circle? Those nearest to one end are asked first: mostly one does. */
static bool is_between(const int64_t *x, const int64_t *y, const struct by_distance *sorted,
	int32_t from, int32_t n)
{
	for (int32_t m = 0; m < n; m++)
		if (sorted[m].square + square(x, y, sorted[m].point, sorted[n].point) <
			square(x, y, from, sorted[n].point))
			return true;
	return false;
}

static int ascending(const void *a, const void *b)
{
	const int32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct near near_gabriel(
	struct arena *mem, int32_t count, const int64_t *x_metres, const int64_t *y_metres)
{
	struct near near = {.count = count, .first = arena_array(mem, int32_t, count + 1)};
	struct arena *scratch = arena_create();
	struct by_distance *sorted = arena_array(scratch, struct by_distance, count);
	VEC(int32_t) to = {0};

	for (int32_t i = 0; i < count; i++) {
		int32_t others = 0;
		for (int32_t j = 0; j < count; j++)
			if (j != i)
				sorted[others++] =
					(struct by_distance){square(x_metres, y_metres, i, j), j};
		if (others)
			qsort(sorted, (size_t)others, sizeof *sorted, compare);
		for (int32_t n = 0; n < others; n++)
			if (!is_between(x_metres, y_metres, sorted, i, n))
				*VEC_PUSH(mem, &to) = sorted[n].point;
		near.first[i + 1] = (int32_t)to.count;
		if (near.first[i + 1] > near.first[i])
			qsort(to.items + near.first[i], (size_t)(near.first[i + 1] - near.first[i]),
				sizeof *to.items, ascending);
	}
	near.to = to.items;
	arena_free(scratch);
	return near;
}

/* --- ways ----------------------------------------------------------------------------------- */

struct reached {
	int64_t metres;
	int32_t marks;
	bool is_done;
};

static bool is_less(const struct reached *a, const struct reached *b)
{
	return a->metres != b->metres ? a->metres < b->metres : a->marks < b->marks;
}

/* The square of count is cheap for the few hundred blocks of a county, and needs no heap. */
void near_count_marks(const struct near *near, const int64_t *metres, const bool *is_marked,
	int32_t from, int32_t *out_marks)
{
	struct arena *mem = arena_create();
	struct reached *way = arena_array(mem, struct reached, near->count);

	for (int32_t v = 0; v < near->count; v++) {
		way[v].metres = INT64_MAX;
		out_marks[v] = -1;
	}
	way[from].metres = 0;
	for (;;) {
		int32_t at = -1;
		for (int32_t v = 0; v < near->count; v++)
			if (!way[v].is_done && way[v].metres < INT64_MAX &&
				(at < 0 || is_less(&way[v], &way[at])))
				at = v;
		if (at < 0)
			break;
		way[at].is_done = true;
		out_marks[at] = way[at].marks;
		for (int32_t e = near->first[at]; e < near->first[at + 1]; e++) {
			struct reached next = {
				way[at].metres + metres[e], way[at].marks + is_marked[e], false};
			if (!way[near->to[e]].is_done && is_less(&next, &way[near->to[e]]))
				way[near->to[e]] = next;
		}
	}
	arena_free(mem);
}
