/* Which points of the plane are neighbours, where nobody has said so; and ways along them. */
#pragma once

#include "base/arena.h"

/* Points within this of 0, so that squares of distances are exact. */
#define NEAR_METRES_MAX ((int64_t)1 << 29)

struct near {
	int32_t count;
	int32_t *first; /* [count + 1] */
	int32_t *to;    /* both ways, ascending for each point */
};

/*
 * The Gabriel graph: two points are neighbours when no third lies inside the circle that has them
 * at its two ends. It is planar, joins all points (the shortest spanning tree is part of it), and
 * needs no limit of distance. Points in the same spot are neighbours. Takes the square of count.
 */
struct near near_gabriel(
	struct arena *mem, int32_t count, const int64_t *x_metres, const int64_t *y_metres);

/*
 * From one point along neighbours, by the least metres and among those the fewest marks:
 * out_marks[point] counts the marked edges on the way; -1 where no way leads. is_marked and metres
 * are by the places of near->to.
 */
void near_count_marks(const struct near *near, const int64_t *metres, const bool *is_marked,
	int32_t from, int32_t *out_marks);
