/* What `pack check` says of a demo: names that must exist, rules that must compile. */
#include "mod/pack/pack_internal.h"
#include "mod/pack/rules.h"

struct checker {
	struct arena *mem;
	const struct pack *p;
	const struct pack_demo *demo;
	struct problems *ps;
};

static void say(const struct checker *c, struct place at, const char *zh, const char *en)
{
	problems_error(c->ps, at, "%s", TR(c->ps, zh, en));
}

static void check_ledger(const struct checker *c, const struct located *name)
{
	if (name->text.n && !pack_find_ledgers(c->p, name->text))
		problems_error(c->ps, name->at,
			TR(c->ps, "没有台账 '" STR_FMT "'", "unknown ledger '" STR_FMT "'"),
			STR_ARG(name->text));
}

static void check_file(const struct checker *c, const struct located *name)
{
	if (name->text.n && !pack_demo_file(c->demo, name->text))
		problems_error(c->ps, name->at,
			TR(c->ps, "没有文件 '" STR_FMT "'", "unknown file '" STR_FMT "'"),
			STR_ARG(name->text));
}

static void check_rule(const struct checker *c, const struct demo_layout *layout,
	const struct located *text, size_t own_end, bool wants_bool)
{
	if (text->text.n)
		(void)pack_demo_compile(c->mem, layout, text, own_end, wants_bool, c->ps);
}

static void check_field(
	const struct checker *c, const struct demo_layout *layout, const struct pack_demo_field *f)
{
	size_t end = layout->field_slot[(size_t)(f - layout->table->fields.items)];
	int kinds = (f->rule.text.n > 0) + (f->most.text.n > 0) + (f->text.text.n > 0) +
		    (f->pick.count > 0) + (f->row_of.text.n > 0);

	if (kinds != 1)
		say(c, f->at, "字段应有且只有 rule, most, text, pick, row_of 之一",
			"a field has exactly one of rule, most, text, pick, row_of");
	if ((f->most.text.n > 0) != (f->least.text.n > 0))
		say(c, f->at, "least 与 most 要一起写", "least and most go together");
	if (f->check.text.n && !str_is(f->check.text, "mod_11_2"))
		say(c, f->check.at, "check 只有 mod_11_2", "check can only be mod_11_2");
	for (size_t i = 0; i < f->pick.count; i++)
		if (f->pick.items[i].micro < 0 || !f->pick.items[i].key.n)
			say(c, f->pick.items[i].at, "pick 写 值: 权重",
				"pick holds value: weight pairs");
	check_rule(c, layout, &f->rule, end, false);
	check_rule(c, layout, &f->least, end, false);
	check_rule(c, layout, &f->most, end, false);
	(void)pack_demo_pieces(c->mem, layout, &f->text, end, c->ps);
	(void)pack_demo_pieces(c->mem, layout, &f->match, end, c->ps);
	check_file(c, &f->row_of);
}

static void check_table(const struct checker *c, const struct demo_layout *layout)
{
	const struct pack_demo_table *t = layout->table;

	if ((t->count.text.n > 0) + (t->rows.text.n > 0) + (t->until.text.n > 0) != 1)
		say(c, t->at, "表应有且只有 count, rows, until 之一",
			"a table has exactly one of count, rows, until");
	if (t->until.text.n &&
		demo_slot_find(layout, t->until.text, layout->own_count) >= layout->own_count)
		say(c, t->until.at, "until 是本表的字段", "until is a field of the table");
	if ((t->until.text.n > 0) != (t->reach.text.n > 0))
		say(c, t->at, "until 与 reach 要一起写", "until and reach go together");
	check_rule(c, layout, &t->count, 0, false);
	check_rule(c, layout, &t->reach, 0, false);
	check_rule(c, layout, &t->where, layout->own_count, true);
	check_rule(c, layout, &t->keep, layout->own_count, true);
	check_file(c, &t->rows);
	check_ledger(c, &t->ledger);
	for (size_t i = 0; i < t->fields.count; i++)
		check_field(c, layout, &t->fields.items[i]);
	for (size_t i = 0; i < t->adds.count; i++) {
		size_t slot = demo_slot_find(layout, t->adds.items[i].to.text, 0);
		if (slot == SIZE_MAX || layout->slots[slot].is_written ||
			slot >= layout->count - c->demo->sizes.items[0].values.count)
			say(c, t->adds.items[i].to.at, "to 是上级表的数值字段, 写作 表_字段",
				"to is a number of a table above: TABLE_FIELD");
		check_rule(c, layout, &t->adds.items[i].value, layout->own_count, false);
	}
}

static void check_sizes(const struct checker *c)
{
	const struct keyed_dec_list *first = &c->demo->sizes.items[0].values;

	for (size_t i = 0; i < c->demo->sizes.count; i++) {
		const struct keyed_dec_list *v = &c->demo->sizes.items[i].values;
		bool is_same = v->count == first->count;
		for (size_t k = 0; is_same && k < v->count; k++)
			is_same = str_eq(v->items[k].key, first->items[k].key) &&
				  v->items[k].micro % 1000000 == 0;
		if (!is_same)
			say(c, c->demo->sizes.items[i].at,
				"各规模的 values 应是同样名称的整数, 次序相同",
				"the values of all sizes are whole numbers of the same names");
	}
}

void pack_demo_check(
	struct arena *mem, const struct pack *p, const struct pack_demo *demo, struct problems *ps)
{
	struct checker c = {mem, p, demo, ps};
	struct demo_layout *layouts;

	if (demo->sizes.count == 0) {
		say(&c, demo->at, "没有规模 (sizes)", "there are no sizes");
		return;
	}
	check_sizes(&c);
	layouts = pack_demo_layouts(mem, p, demo, ps);
	for (size_t i = 0; i < demo->tables.count; i++)
		check_table(&c, &layouts[i]);
	for (size_t i = 0; i < demo->outputs.count; i++)
		check_ledger(&c, &demo->outputs.items[i].ledger);
}
