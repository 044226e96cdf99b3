/* Which values a row of a demo's table has and sees, and what rules and texts make of them. */
#include "base/num.h"
#include "mod/pack/pack_internal.h"
#include "mod/pack/rules.h"

const struct pack_demo_file *pack_demo_file(const struct pack_demo *demo, struct str id)
{
	for (size_t i = 0; i < demo->files.count; i++)
		if (str_eq(demo->files.items[i].id.text, id))
			return &demo->files.items[i];
	return NULL;
}

static enum rule_type slot_rule_type(const struct demo_slot *slot)
{
	struct pack_field f = {.type = slot->type};

	return field_rule_type(&f);
}

static const struct rule_env *make_env(
	struct arena *mem, const struct pack *p, const struct demo_layout *layout, struct date day)
{
	struct rule_env *env = arena_new(mem, struct rule_env);
	struct rule_column *columns = arena_array(mem, struct rule_column, layout->count);

	for (size_t i = 0; i < layout->count; i++) {
		const struct demo_slot *slot = &layout->slots[i];
		columns[i].type = slot_rule_type(slot);
		columns[i].scale = slot->scale;
		if (!slot->is_written) /* without a name rules can't speak of it */
			columns[i].name = slot->name;
	}
	*env = *pack_constant_env(mem, p, day);
	env->columns = columns;
	env->column_count = layout->count;
	return env;
}

struct slots {
	VEC(struct demo_slot) list;
};

static void add_slot(struct arena *mem, struct slots *slots, struct demo_slot slot)
{
	*VEC_PUSH(mem, &slots->list) = slot;
}

static void add_columns(struct arena *mem, struct slots *slots, const struct pack_demo_file *file,
	struct str before)
{
	for (size_t i = 0; file && i < file->columns.count; i++) {
		const struct pack_demo_column *c = &file->columns.items[i];
		struct str name = c->name.text;
		if (before.n)
			name = str_printf(
				mem, STR_FMT "_" STR_FMT, STR_ARG(before), STR_ARG(c->name.text));
		add_slot(mem, slots,
			(struct demo_slot){.name = name, .type = c->type, .scale = (int)c->scale});
	}
}

static int field_type(const struct pack_demo_field *f)
{
	if (f->type >= 0)
		return f->type;
	if (f->since.day != DATE_NONE.day)
		return FIELD_DATE;
	return f->text.text.n || f->pick.count ? FIELD_STRING : FIELD_INTEGER;
}

static void add_own(struct arena *mem, const struct pack_demo *demo, struct slots *slots,
	struct demo_layout *layout)
{
	const struct pack_demo_table *t = layout->table;

	add_slot(mem, slots, (struct demo_slot){.name = STR("number"), .type = FIELD_INTEGER});
	add_slot(mem, slots, (struct demo_slot){.name = STR("serial"), .type = FIELD_INTEGER});
	layout->rows = t->rows.text.n ? pack_demo_file(demo, t->rows.text) : NULL;
	add_columns(mem, slots, layout->rows, STR_NONE);
	layout->field_slot = arena_array(mem, size_t, t->fields.count);
	for (size_t i = 0; i < t->fields.count; i++) {
		const struct pack_demo_field *f = &t->fields.items[i];
		layout->field_slot[i] = slots->list.count;
		if (f->row_of.text.n)
			add_columns(mem, slots, pack_demo_file(demo, f->row_of.text), f->name.text);
		else
			add_slot(mem, slots,
				(struct demo_slot){.name = f->name.text,
					.type = field_type(f),
					.scale = (int)f->scale,
					.is_written = f->text.text.n > 0});
	}
	layout->own_count = slots->list.count;
}

/* What stands above: the parent's own slots under its name, and what it sees as it sees it. */
static void add_above(struct arena *mem, const struct pack_demo *demo, struct slots *slots,
	const struct demo_layout *parent)
{
	for (size_t i = 0; parent && i < parent->count; i++) {
		struct demo_slot slot = parent->slots[i];
		if (i < parent->own_count)
			slot.name = str_printf(mem, STR_FMT "_" STR_FMT,
				STR_ARG(parent->table->id.text), STR_ARG(slot.name));
		add_slot(mem, slots, slot);
	}
	for (size_t i = 0; !parent && i < demo->sizes.items[0].values.count; i++)
		add_slot(mem, slots,
			(struct demo_slot){
				.name = str_printf(mem, "size_" STR_FMT,
					STR_ARG(demo->sizes.items[0].values.items[i].key)),
				.type = FIELD_INTEGER});
}

static void find_parent(
	const struct pack_demo *demo, struct demo_layout *layouts, size_t at, struct problems *ps)
{
	const struct located *of = &demo->tables.items[at].of;

	for (size_t i = 0; of->text.n && i < at; i++)
		if (str_eq(demo->tables.items[i].id.text, of->text))
			layouts[at].parent = &layouts[i];
	if (of->text.n && !layouts[at].parent)
		problems_error(ps, of->at,
			TR(ps, "前面没有表 '" STR_FMT "'",
				"no table '" STR_FMT "' before this one"),
			STR_ARG(of->text));
}

static void check_twice(const struct demo_layout *layout, struct problems *ps)
{
	for (size_t i = 0; i < layout->count; i++)
		for (size_t k = 0; k < i; k++)
			if (str_eq(layout->slots[i].name, layout->slots[k].name))
				problems_error(ps, layout->table->at,
					TR(ps, "名称 '" STR_FMT "' 重复",
						"the name '" STR_FMT "' stands twice"),
					STR_ARG(layout->slots[i].name));
}

struct demo_layout *pack_demo_layouts(
	struct arena *mem, const struct pack *p, const struct pack_demo *demo, struct problems *ps)
{
	struct demo_layout *layouts = arena_array(mem, struct demo_layout, demo->tables.count);

	for (size_t i = 0; i < demo->tables.count; i++) {
		struct demo_layout *layout = &layouts[i];
		struct slots slots = {0};
		layout->table = &demo->tables.items[i];
		find_parent(demo, layouts, i, ps);
		add_own(mem, demo, &slots, layout);
		add_above(mem, demo, &slots, layout->parent);
		layout->slots = slots.list.items;
		layout->count = slots.list.count;
		check_twice(layout, ps);
		layout->env = make_env(mem, p, layout, demo->day);
	}
	return layouts;
}

size_t demo_slot_find(const struct demo_layout *layout, struct str name, size_t own_end)
{
	for (size_t i = 0; i < layout->count; i++)
		if ((i < own_end || i >= layout->own_count) && str_eq(layout->slots[i].name, name))
			return i;
	return SIZE_MAX;
}

const struct rule *pack_demo_compile(struct arena *mem, const struct demo_layout *layout,
	const struct located *text, size_t own_end, bool wants_bool, struct problems *ps)
{
	const struct rule *rule = pack_compile(mem, layout->env, text, RULE_ROW, wants_bool, ps);

	for (size_t i = 0; rule && i < rule->column_count; i++)
		if (rule->columns[i] >= own_end && rule->columns[i] < layout->own_count) {
			problems_error(ps, text->at,
				TR(ps, "'" STR_FMT "' 在它后面才有",
					"'" STR_FMT "' stands further down"),
				STR_ARG(layout->slots[rule->columns[i]].name));
			return NULL;
		}
	return rule;
}

static bool piece_form(struct str form, struct demo_piece *piece)
{
	int64_t width;

	if (str_is(form, "ymd")) {
		piece->is_ymd = true;
		return true;
	}
	if (parse_i64(form, 1, 18, &width) != NUM_OK)
		return false;
	piece->width = (int)width;
	return true;
}

struct demo_pieces pack_demo_pieces(struct arena *mem, const struct demo_layout *layout,
	const struct located *text, size_t own_end, struct problems *ps)
{
	VEC(struct demo_piece) list = {0};
	struct str rest = text->text;

	while (rest.n) {
		size_t open = str_find_char(rest, '{');
		struct demo_piece piece = {.literal = str_sub(rest, 0, open), .slot = SIZE_MAX};
		struct str name, form;
		if (piece.literal.n)
			*VEC_PUSH(mem, &list) = piece;
		if (open == SIZE_MAX)
			break;
		rest = str_sub(rest, open + 1, rest.n);
		form = str_cut(&rest, '}');
		name = str_cut(&form, ':');
		piece = (struct demo_piece){.slot = demo_slot_find(layout, name, own_end)};
		if (piece.slot == SIZE_MAX || (form.n && !piece_form(form, &piece))) {
			problems_error(ps, text->at,
				TR(ps, "没有 '{" STR_FMT "}' 这个值", "no value '{" STR_FMT "}'"),
				STR_ARG(name));
			break;
		}
		*VEC_PUSH(mem, &list) = piece;
	}
	return (struct demo_pieces){list.items, list.count};
}
