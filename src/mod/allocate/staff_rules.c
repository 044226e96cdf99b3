/* Retraining, couples, and those who come from outside by a programme. */
#include "mod/allocate/rows.h"
#include "mod/allocate/staff_internal.h"

#include <math.h>

enum err staff_load_rules(struct staff_loader *l)
{
	struct staff_data *d = l->out;
	const struct pack *pack = l->ds->pack;
	const struct keyed_dec_list *list;
	int64_t micro;

	TRY(allocate_number(l->cx, pack, "rotation.couple_km", STR_NONE, &micro));
	d->couple_km = (double)micro / 1e6;
	TRY(allocate_parameter(l->cx, pack, "posts.retrain", &d->retrain));
	TRY(allocate_number(l->cx, pack, "posts.retrain_stage", STR_NONE, &micro));
	d->retrain_stage = MAX(micro / 1000000, 0);
	TRY(allocate_parameter(l->cx, pack, "posts.balance", &list));
	if (list->count > STAFF_BALANCES_MAX)
		return ctx_fail(l->cx, ERR_PACK, "%s",
			TR(l->cx, "参数 posts.balance 的列太多",
				"parameter posts.balance has too many columns"));
	d->balance_count = list->count;
	for (size_t i = 0; i < list->count; i++)
		d->balances[i] =
			(struct staff_balance){list->items[i].key, MAX(list->items[i].micro, 0)};
	return ERR_OK;
}

/* Months of the path from one subject to another, or -1. */
static int64_t path_months(const struct keyed_dec_list *paths, struct str from, struct str to)
{
	for (size_t i = 0; i < paths->count; i++) {
		struct str rest = paths->items[i].key, first = str_cut(&rest, '>');
		if (str_eq(first, from) && str_eq(rest, to))
			return paths->items[i].micro / 1000000;
	}
	return -1;
}

int64_t staff_months(
	const struct staff_data *d, const struct staff_person *p, const struct staff_post *post)
{
	bool is_subject = str_eq(post->subject, p->licence_subject);
	int64_t months = 0, path;

	if (p->licence_rank < 0 || post->rank < 0 || post->is_pool)
		return -1;
	if (is_subject && post->rank <= p->licence_rank)
		return 0;
	if (!d->has_retraining || p->is_supply || post->rank > p->licence_rank + 1)
		return -1;
	if (post->rank == p->licence_rank + 1) {
		if (d->retrain_stage == 0)
			return -1;
		months = d->retrain_stage;
	}
	if (is_subject)
		return months;
	path = path_months(d->retrain, p->licence_subject, post->subject);
	/* One licence at a time. */
	return path < 0 || months > 0 ? -1 : path;
}

double staff_km(const struct staff_data *d, double lon, double lat, int32_t school)
{
	const struct staff_school *s = &d->schools[school];

	return allocate_km(lon, lat, s->lon, s->lat) * d->detour;
}

void staff_settle_couples(struct staff_loader *l)
{
	struct staff_data *d = l->out;

	for (int32_t i = 0; i < d->person_count; i++) {
		struct staff_person *p = &d->persons[i], *other;
		const int64_t *at = p->spouse.n ? strmap_find(&d->person_index, p->spouse) : NULL;
		if (!at || *at == i)
			continue;
		other = &d->persons[*at];
		/* Said by one of them it holds for both. */
		if (!other->spouse.n)
			other->spouse = p->id;
		if (p->bar != STAFF_MAY_MOVE || other->bar != STAFF_MAY_MOVE)
			continue;
		/* Who is due; of two the one that comes first. */
		if (p->is_due >= other->is_due) {
			other->bar = STAFF_COUPLE;
			other->is_due = false;
		} else {
			p->bar = STAFF_COUPLE;
			p->is_due = false;
		}
	}
}

/* --- programmes ----------------------------------------------------------------------------- */

void staff_count_supply(const struct staff_loader *l, int32_t *people, int32_t *programmes)
{
	const struct dataset_ledger *dl = dataset_find(l->ds, STR("teacher_supply"));

	*people = *programmes = 0;
	for (size_t i = 0; dl && i < dl->table->row_count; i++) {
		*people += (int32_t)allocate_cell(table_find(dl->table, STR("count")), i, 0);
		(*programmes)++;
	}
}

/* The programme of a county as a school of its own: nobody teaches there. */
static int32_t find_programme(struct staff_loader *l, struct str name, struct str county)
{
	struct staff_data *d = l->out;
	bool is_new;
	int64_t *at = strmap_put(&d->school_index,
		str_printf(l->cx->mem, STR_FMT "\x1f" STR_FMT, STR_ARG(name), STR_ARG(county)),
		&is_new);

	if (is_new) {
		*at = d->school_count;
		d->schools[d->school_count++] = (struct staff_school){name, name, county, 0, 0};
	}
	return (int32_t)*at;
}

static void add_heads(struct staff_loader *l, const struct staff_post *pool, int64_t count)
{
	struct staff_data *d = l->out;
	const struct staff_school *s = &d->schools[pool->school];

	for (int64_t n = 1; n <= count; n++)
		d->persons[d->person_count++] = (struct staff_person){
			.id = str_printf(l->cx->mem, STR_FMT "-" STR_FMT "-%" PRId64,
				STR_ARG(s->name), STR_ARG(pool->subject), n),
			.licence_subject = pool->subject,
			.licence_rank = pool->rank,
			.post = (int32_t)(pool - d->posts.items),
			.km_max = HUGE_VAL,
			.is_supply = true};
}

enum err staff_load_supply(struct staff_loader *l)
{
	const struct dataset_ledger *dl = dataset_find(l->ds, STR("teacher_supply"));
	const struct table *t = dl ? dl->table : NULL;

	for (size_t i = 0; t && i < t->row_count; i++) {
		int32_t school = find_programme(l, column_text(table_find(t, STR("program")), i),
			column_text(table_find(t, STR("county")), i));
		struct staff_post *pool =
			staff_find_post(l, school, column_text(table_find(t, STR("stage")), i),
				column_text(table_find(t, STR("subject")), i));
		pool->is_pool = true;
		if (pool->rank < 0) {
			problems_error(&l->problems, allocate_row_place(dl, i), "%s",
				TR(l->cx, "学段不在参数 posts.stage_rank 里",
					"parameter posts.stage_rank does not have the stage"));
			continue;
		}
		add_heads(l, pool, allocate_cell(table_find(t, STR("count")), i, 0));
	}
	return ERR_OK;
}
