/* Money against the way to school: a plan's result that is a choice of plans. */
#include "mod/allocate/allocation_places_tell.h"
#include "mod/allocate/places_curve.h"

struct work {
	struct places_data data;
	struct places_point points[PLACES_CURVE_POINTS];
};

enum err allocation_curve(struct allocation *a)
{
	struct work *w = arena_new(a->cx->mem, struct work);
	struct places_until until = {0};

	if (a->until)
		until = (struct places_until){a->until->is_over, a->until->told, a->until->arg};
	TRY(allocation_load_places(a, &w->data));
	TRY(places_curve(a->cx, &w->data, a->until ? &until : NULL, w->points));
	for (size_t i = 0; i < PLACES_CURVE_POINTS; i++) {
		const struct places_point *p = &w->points[i];
		a->out->seconds += p->seconds;
		*VEC_PUSH(a->cx->mem, &a->out->curve) =
			(struct allocation_curve_point){.weight = p->weight,
				.money = p->money,
				.travel = p->travel,
				.mean_km = p->mean_km,
				.sites = p->sites,
				.opened = p->opened,
				.closed = p->closed,
				.unmet = p->unmet,
				.gap = p->gap};
	}
	return ERR_OK;
}
