/* Running a demo: tables under each other, depth first. */
#include "mod/demo/demo_internal.h"

enum { ROWS_MAX = 100000000, EMPTY_MAX = 10000 };

enum err demo_find(struct ctx *cx, const struct pack *p, struct str size,
	const struct pack_demo **out, const struct pack_demo_size **out_size)
{
	const struct pack_demo *demo;

	if (p->demos.count == 0)
		return ctx_fail(cx, ERR_NOT_FOUND, "%s",
			TR(cx, "政策包里没有演示数据的写法 (demo)", "the packs hold no demo"));
	demo = &p->demos.items[p->demos.count - 1];
	for (size_t i = 0; i < demo->sizes.count; i++)
		if (!size.n || str_eq(demo->sizes.items[i].id.text, size)) {
			*out = demo;
			*out_size = &demo->sizes.items[i];
			return ERR_OK;
		}
	return ctx_fail(cx, ERR_NOT_FOUND,
		TR(cx, "没有规模 '" STR_FMT "'", "there is no size '" STR_FMT "'"), STR_ARG(size));
}

static uint64_t seed_of(uint64_t above, size_t table, int64_t number)
{
	return hash_i64(hash_i64(above + table * 0x9E3779B97F4A7C15U) ^ (uint64_t)number);
}

static void copy_above(struct machine *m, struct demo_table *t)
{
	const struct keyed_dec_list *values = &m->request->size->values;
	size_t own = t->layout->own_count;

	if (!t->parent) {
		for (size_t i = 0; i < values->count; i++)
			t->numbers[own + i] = values->items[i].micro / 1000000;
		return;
	}
	memcpy(&t->numbers[own], t->parent->numbers, t->parent->layout->count * sizeof(int64_t));
	memcpy(&t->nulls[own], t->parent->nulls, t->parent->layout->count);
	memcpy(&t->texts[own], t->parent->texts, t->parent->layout->count * sizeof(struct str));
}

static enum err run_adds(struct machine *m, struct demo_table *t)
{
	for (size_t i = 0; i < t->layout->table->adds.count; i++) {
		struct add_maker *add = &t->adds[i];
		bool has_value;
		int64_t value;
		TRY(demo_eval(m, &add->value, t, add->target->layout->slots[add->slot].scale,
			&has_value, &value));
		if (has_value && __builtin_add_overflow(add->target->numbers[add->slot], value,
					 &add->target->numbers[add->slot]))
			return ctx_fail(m->cx, ERR_PACK, STR_FMT ":%d: %s",
				STR_ARG(add->value.at.file), add->value.at.line,
				TR(m->cx, "合计溢出", "the sum does not fit"));
	}
	return ERR_OK;
}

static enum err run_table(struct machine *m, struct demo_table *t, uint64_t seed);

/* One row and all below it. Its random numbers depend on nothing but its place in the tree. */
static enum err run_row(struct machine *m, struct demo_table *t, uint64_t seed, int64_t number)
{
	uint64_t own_seed = seed_of(seed, t->index, number);
	bool is_kept = t->output != NULL;

	rng_seed(&m->rng, own_seed);
	t->numbers[DEMO_NUMBER] = number;
	t->numbers[DEMO_SERIAL] = ++t->serial;
	TRY(demo_row_make(m, t));
	if (t->output)
		TRY(demo_holds(m, &t->keep, t, &is_kept));
	if (is_kept)
		demo_output_row(m, t);
	for (size_t i = 0; i < t->child_count; i++)
		TRY(run_table(m, t->children[i], own_seed));
	return run_adds(m, t);
}

static enum err run_file(struct machine *m, struct demo_table *t, uint64_t seed)
{
	size_t columns = t->rows->file->columns.count;
	int64_t number = 0;
	bool is_wanted;

	for (size_t i = 0; i < t->rows->count; i++) {
		memcpy(&t->numbers[DEMO_OWN], &t->rows->numbers[i * columns],
			columns * sizeof(int64_t));
		memcpy(&t->nulls[DEMO_OWN], &t->rows->nulls[i * columns], columns);
		TRY(demo_holds(m, &t->where, t, &is_wanted));
		if (is_wanted)
			TRY(run_row(m, t, seed, ++number));
	}
	return ERR_OK;
}

static enum err run_until(struct machine *m, struct demo_table *t, uint64_t seed, int64_t reach)
{
	int64_t sum = 0, number = 0, empty = 0;

	while (sum < reach) {
		TRY(run_row(m, t, seed, ++number));
		if (t->nulls[t->until] || t->numbers[t->until] <= 0)
			empty++;
		else
			sum += t->numbers[t->until];
		if (empty > EMPTY_MAX)
			return ctx_fail(m->cx, ERR_PACK, STR_FMT ":%d: %s",
				STR_ARG(t->layout->table->until.at.file),
				t->layout->table->until.at.line,
				TR(m->cx, "这个合计达不到", "the sum is never reached"));
	}
	return ERR_OK;
}

static enum err run_table(struct machine *m, struct demo_table *t, uint64_t seed)
{
	const struct formula *f = t->count.rule ? &t->count : &t->reach;
	int64_t n = 0;
	bool has_value;

	copy_above(m, t);
	if (t->rows)
		return run_file(m, t, seed);
	TRY(demo_eval(m, f, t, 0, &has_value, &n));
	if (!has_value || n < 0)
		n = 0;
	if (n > ROWS_MAX)
		return ctx_fail(m->cx, ERR_PACK, STR_FMT ":%d: %s", STR_ARG(f->at.file), f->at.line,
			TR(m->cx, "行数超过一亿", "over a hundred million rows"));
	if (t->reach.rule)
		return run_until(m, t, seed, n);
	for (int64_t number = 1; number <= n; number++)
		TRY(run_row(m, t, seed, number));
	return ERR_OK;
}

enum err demo_write(struct ctx *cx, const struct demo_request *request, struct demo_files *out)
{
	struct machine *m = arena_new(cx->mem, struct machine);
	/* The files say that they were made on the demo's day, whenever that is. */
	struct ctx *made = arena_new(cx->mem, struct ctx); /* workbooks keep it to their end */
	enum err e, closed;

	*made = *cx;
	made->now_us = (int64_t)request->demo->day.day * 86400 * 1000000;
	m->cx = made;
	m->request = request;
	e = demo_build(m);
	if (e == ERR_OK)
		e = demo_outputs_open(m);
	for (size_t i = 0; e == ERR_OK && i < m->table_count; i++)
		if (!m->tables[i].parent)
			e = run_table(m, &m->tables[i], request->seed);
	if (e != ERR_OK)
		cx->error = made->error;
	closed = demo_outputs_close(m, out);
	if (e == ERR_OK && closed != ERR_OK)
		cx->error = made->error;
	return e != ERR_OK ? e : closed;
}
