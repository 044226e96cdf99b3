#include "mod/allocate/admit.h"
#include "mod/allocate/rows.h"

#include "base/num.h"

struct loader {
	struct ctx *cx;
	const struct dataset *ds;
	struct admission_data *out;
	struct strmap applicants, sites, groups; /* code -> number */
	struct problems problems;
	int64_t *tie_order;
	uint64_t *lot;
};

struct rows {
	const struct dataset_ledger *dl;
	struct column *org, *second, *number;
};

static enum err find_rows(const struct loader *l, const char *ledger, struct rows *out)
{
	struct dataset_ledger *dl;

	TRY(allocate_ledger(l->cx, l->ds, ledger, &dl));
	*out = (struct rows){.dl = dl};
	out->org = table_find(out->dl->table, STR("org"));
	return ERR_OK;
}

static void refuse(struct loader *l, const struct dataset_ledger *dl, size_t row, const char *fmt,
	...) PRINTF(4, 5);

static void refuse(
	struct loader *l, const struct dataset_ledger *dl, size_t row, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	problems_error(&l->problems, allocate_row_place(dl, row), "%s",
		arena_vprintf(l->cx->mem, fmt, ap));
	va_end(ap);
}

static uint32_t number_of(struct strmap *map, struct str code, bool *is_new)
{
	int64_t *at = strmap_put(map, code, is_new);

	if (*is_new)
		*at = (int64_t)map->count - 1;
	return (uint32_t)*at;
}

static enum err load_applicants(struct loader *l, uint64_t seed)
{
	struct admission_data *d = l->out;
	struct rows r;
	struct column *id, *score, *tie, *eligible;
	uint32_t *group;
	int64_t *scores;
	size_t n;

	TRY(find_rows(l, "admission_applicants", &r));
	n = r.dl->table->row_count;
	id = table_find(r.dl->table, STR("applicant"));
	score = table_find(r.dl->table, STR("score"));
	tie = table_find(r.dl->table, STR("tie_order"));
	eligible = table_find(r.dl->table, STR("pool_eligible"));
	group = arena_array(l->cx->mem, uint32_t, n);
	scores = arena_array(l->cx->mem, int64_t, n);
	d->applicants = arena_array(l->cx->mem, struct str, n);
	d->scores = arena_array(l->cx->mem, struct str, n);
	d->groups = arena_array(l->cx->mem, struct str, n);
	l->tie_order = arena_array(l->cx->mem, int64_t, n);
	l->lot = arena_array(l->cx->mem, uint64_t, n);
	for (size_t i = 0; i < n; i++) {
		bool is_new;
		uint32_t g;
		d->applicants[i] = column_text(id, i);
		(void)number_of(&l->applicants, d->applicants[i], &is_new);
		g = number_of(&l->groups, column_text(r.org, i), &is_new);
		d->groups[g] = column_text(r.org, i);
		group[i] = allocate_cell(eligible, i, 1) ? g : ADMIT_NONE;
		scores[i] = allocate_cell(score, i, 0);
		d->scores[i] = str_from(dec_format(l->cx->mem, scores[i], score->scale));
		l->tie_order[i] = allocate_cell(tie, i, INT64_MAX);
		l->lot[i] = hash_bytes(d->applicants[i].p, d->applicants[i].n, seed);
	}
	d->problem.applicant_count = (uint32_t)n;
	d->problem.score = scores;
	d->problem.group = group;
	d->group_count = (uint32_t)l->groups.count;
	return ERR_OK;
}

static int by_merit(const void *a, const void *b, void *arg)
{
	const struct loader *l = arg;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	const int64_t *score = l->out->problem.score;

	if (score[x] != score[y])
		return score[x] > score[y] ? -1 : 1;
	if (l->tie_order[x] != l->tie_order[y])
		return l->tie_order[x] < l->tie_order[y] ? -1 : 1;
	if (l->lot[x] != l->lot[y])
		return l->lot[x] < l->lot[y] ? -1 : 1;
	return str_cmp(l->out->applicants[x], l->out->applicants[y]);
}

static void rank_applicants(struct loader *l)
{
	struct admission_data *d = l->out;
	uint32_t n = d->problem.applicant_count;
	uint32_t *order = arena_array(l->cx->mem, uint32_t, n);
	uint32_t *rank = arena_array(l->cx->mem, uint32_t, n);

	for (uint32_t i = 0; i < n; i++)
		order[i] = i;
	if (n)
		qsort_r(order, n, sizeof *order, by_merit, l);
	for (uint32_t i = 0; i < n; i++) {
		uint32_t x = order[i], y = i ? order[i - 1] : x;
		rank[x] = i;
		d->ties_drawn += i && d->problem.score[x] == d->problem.score[y] &&
				 l->tie_order[x] == l->tie_order[y];
	}
	d->problem.rank = rank;
}

static enum err load_plans(struct loader *l)
{
	struct admission_data *d = l->out;
	struct column *seats, *name;
	struct rows r;
	uint32_t *open;
	size_t n;

	TRY(find_rows(l, "admission_plans", &r));
	n = r.dl->table->row_count;
	seats = table_find(r.dl->table, STR("seats"));
	name = table_find(r.dl->table, STR("org_name"));
	open = arena_array(l->cx->mem, uint32_t, n);
	d->sites = arena_array(l->cx->mem, struct str, n);
	d->site_names = arena_array(l->cx->mem, struct str, n);
	for (size_t i = 0; i < n; i++) {
		bool is_new;
		uint32_t at = number_of(&l->sites, column_text(r.org, i), &is_new);
		d->sites[at] = column_text(r.org, i);
		d->site_names[at] = column_text(name, i);
		open[at] = (uint32_t)allocate_cell(seats, i, 0);
	}
	d->problem.site_count = (uint32_t)l->sites.count;
	d->problem.seats = open;
	return ERR_OK;
}

static uint32_t find_site(struct loader *l, const struct rows *r, size_t row)
{
	struct str code = column_text(r->org, row);
	const int64_t *at = strmap_find(&l->sites, code);

	if (at)
		return (uint32_t)*at;
	refuse(l, r->dl, row,
		TR(l->cx, "学校 " STR_FMT " 没有招生计划",
			STR_FMT " has no row in admission_plans"),
		STR_ARG(code));
	return ADMIT_NONE;
}

static enum err load_pools(struct loader *l)
{
	struct admission_data *d = l->out;
	struct admit_pool *pools;
	struct column *feeder, *seats, *floor;
	struct rows r;

	if (!dataset_find(l->ds, STR("admission_pools")))
		return ERR_OK;
	TRY(find_rows(l, "admission_pools", &r));
	feeder = table_find(r.dl->table, STR("feeder"));
	seats = table_find(r.dl->table, STR("seats"));
	floor = table_find(r.dl->table, STR("floor"));
	pools = arena_array(l->cx->mem, struct admit_pool, r.dl->table->row_count);
	for (size_t i = 0; i < r.dl->table->row_count; i++) {
		const int64_t *group = strmap_find(&l->groups, column_text(feeder, i));
		uint32_t site = find_site(l, &r, i);
		/* A school without applicants cannot use its seats: they revert. */
		pools[i] = (struct admit_pool){site, group ? (uint32_t)*group : ADMIT_NONE - 1,
			(uint32_t)allocate_cell(seats, i, 0), allocate_cell(floor, i, INT64_MIN)};
	}
	d->problem.pools = pools;
	d->problem.pool_count = (uint32_t)r.dl->table->row_count;
	return ERR_OK;
}

struct choice {
	uint32_t applicant, site;
	int64_t place;
	size_t row;
};

static int by_place(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	if (x->applicant != y->applicant)
		return x->applicant < y->applicant ? -1 : 1;
	return x->place < y->place ? -1 : x->place > y->place;
}

static void check_list(struct loader *l, const struct rows *r, const struct choice *list, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t k = i; k > 0 && list[k - 1].applicant == list[i].applicant; k--)
			if (list[k - 1].site == list[i].site || list[k - 1].place == list[i].place)
				refuse(l, r->dl, list[i].row,
					TR(l->cx, "考生 " STR_FMT " 的志愿里学校或序号重复",
						"applicant " STR_FMT
						" lists a school or place twice"),
					STR_ARG(l->out->applicants[list[i].applicant]));
}

static enum err load_choices(struct loader *l)
{
	struct admission_data *d = l->out;
	uint32_t n = d->problem.applicant_count, *first, *choices;
	struct column *id, *place;
	struct choice *list;
	struct rows r;
	size_t count = 0;

	TRY(find_rows(l, "admission_choices", &r));
	id = table_find(r.dl->table, STR("applicant"));
	place = table_find(r.dl->table, STR("choice"));
	list = arena_array(l->cx->mem, struct choice, r.dl->table->row_count);
	for (size_t i = 0; i < r.dl->table->row_count; i++) {
		const int64_t *who = strmap_find(&l->applicants, column_text(id, i));
		uint32_t site = find_site(l, &r, i);
		if (!who)
			refuse(l, r.dl, i,
				TR(l->cx, "考生 " STR_FMT " 不在考生台账里",
					"applicant " STR_FMT " is not among the applicants"),
				STR_ARG(column_text(id, i)));
		if (who && site != ADMIT_NONE)
			list[count++] = (struct choice){
				(uint32_t)*who, site, allocate_cell(place, i, 0), i};
	}
	if (count)
		qsort(list, count, sizeof *list, by_place);
	check_list(l, &r, list, count);
	first = arena_array(l->cx->mem, uint32_t, (size_t)n + 1);
	choices = arena_array(l->cx->mem, uint32_t, count);
	for (size_t i = 0; i < count; i++) {
		first[list[i].applicant + 1]++;
		choices[i] = list[i].site;
	}
	for (uint32_t i = 0; i < n; i++)
		first[i + 1] += first[i];
	d->problem.first_choice = first;
	d->problem.choices = choices;
	return ERR_OK;
}

enum err admission_load(
	struct ctx *cx, const struct dataset *ds, uint64_t seed, struct admission_data *out)
{
	struct loader l = {.cx = cx, .ds = ds, .out = out};

	*out = (struct admission_data){0};
	problems_init(&l.problems, cx->mem);
	strmap_init(&l.applicants, cx->mem);
	strmap_init(&l.sites, cx->mem);
	strmap_init(&l.groups, cx->mem);
	TRY(load_applicants(&l, seed));
	rank_applicants(&l);
	TRY(load_plans(&l));
	TRY(load_pools(&l));
	TRY(load_choices(&l));
	return allocate_reject(cx, &l.problems);
}
