#include "mod/pack/rules.h"

#include "base/num.h"

struct env_arg {
	const struct pack *p;
	struct arena *mem;
	struct date day;
};

enum rule_type field_rule_type(const struct pack_field *field)
{
	switch ((enum field_type)field->type) {
	case FIELD_INTEGER:
	case FIELD_DECIMAL:
		return RULE_NUM;
	case FIELD_BOOLEAN:
		return RULE_BOOL;
	case FIELD_DATE:
		return RULE_DATE;
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		return RULE_TEXT;
	}
	BUG("field type %d", field->type);
}

/* Six decimals as packs are read; rules want the shortest scale that is exact. */
static int shortest_scale(const struct keyed_dec_list *values)
{
	int64_t step = 1000000;
	int scale = 0;

	for (size_t i = 0; i < values->count; i++)
		while (values->items[i].micro % step) {
			step /= 10;
			scale++;
		}
	return scale;
}

static bool find_param(void *arg, struct str name, struct rule_param *out)
{
	const struct env_arg *a = arg;
	const struct pack_parameter *p = pack_find_parameters(a->p, name);
	const struct pack_value *v;
	struct rule_param_entry *entries;
	int64_t step;

	if (!p || p->values.count == 0)
		return false;
	v = parameter_on(p, a->day);
	if (!v) /* before the first: the law of the first day is the nearest there is */
		v = &p->values.items[0];
	*out = (struct rule_param){.type = RULE_NUM,
		.scale = shortest_scale(&v->is),
		.unit = p->unit.text,
		.key_type = p->by.text.n ? RULE_TEXT : RULE_NULL};
	step = 1000000 / pow10_i64(out->scale);
	if (!p->by.text.n) {
		out->value = v->is.items[0].micro / step;
		return true;
	}
	entries = arena_array(a->mem, struct rule_param_entry, v->is.count);
	for (size_t i = 0; i < v->is.count; i++) {
		entries[i].text = v->is.items[i].key;
		entries[i].value = v->is.items[i].micro / step;
	}
	out->entries = entries;
	out->entry_count = v->is.count;
	return true;
}

static struct rule_env *env_new(struct arena *mem, const struct pack *p, struct date day)
{
	struct rule_env *env = arena_new(mem, struct rule_env);
	struct env_arg *arg = arena_new(mem, struct env_arg);
	struct str *names = arena_array(mem, struct str, p->parameters.count);

	*arg = (struct env_arg){p, mem, day};
	for (size_t i = 0; i < p->parameters.count; i++)
		names[i] = p->parameters.items[i].id.text;
	env->param = find_param;
	env->arg = arg;
	env->param_names = names;
	env->param_count = p->parameters.count;
	return env;
}

static void set_enums(
	struct arena *mem, const struct pack *p, const struct pack_field *f, struct rule_column *c)
{
	const struct pack_codes *codes = f->codes.text.n ? pack_find_codes(p, f->codes.text) : NULL;
	const struct located_list *choices =
		f->constraints && f->constraints->choices.count ? &f->constraints->choices : NULL;
	size_t n = choices ? choices->count : codes ? codes->items.count : 0;
	struct str *enums = arena_array(mem, struct str, n);

	for (size_t i = 0; i < n; i++)
		enums[i] = choices ? choices->items[i].text : codes->items.items[i].code.text;
	c->enums = enums;
	c->enum_count = n;
}

const struct rule_env *pack_rule_env(struct arena *mem, const struct pack *p,
	const struct pack_ledger *ledger, struct date day, bool has_before)
{
	struct rule_env *env = env_new(mem, p, day);
	size_t n = ledger->fields.count;
	struct rule_column *columns = arena_array(mem, struct rule_column, has_before ? 2 * n : n);

	for (size_t i = 0; i < n; i++) {
		const struct pack_field *f = &ledger->fields.items[i];
		columns[i] = (struct rule_column){.name = f->name.text,
			.title = f->title.text,
			.type = field_rule_type(f),
			.scale = (int)f->scale,
			.unit = f->unit.text,
			.is_sealed = f->secrecy == SECRECY_SEALED};
		if (columns[i].type == RULE_TEXT)
			set_enums(mem, p, f, &columns[i]);
		if (has_before) {
			columns[n + i] = columns[i];
			columns[n + i].name =
				str_printf(mem, "before_" STR_FMT, STR_ARG(f->name.text));
			columns[n + i].title =
				str_printf(mem, "上期" STR_FMT, STR_ARG(f->title.text));
		}
	}
	env->columns = columns;
	env->column_count = has_before ? 2 * n : n;
	return env;
}

const struct rule_env *pack_constant_env(struct arena *mem, const struct pack *p, struct date day)
{
	return env_new(mem, p, day);
}

const struct rule *pack_compile(struct arena *mem, const struct rule_env *env,
	const struct located *text, enum rule_kind kind, bool wants_bool, struct problems *ps)
{
	struct rule_options options = {.kind = kind, .wants_bool = wants_bool, .at = text->at};
	struct rule *rule;

	return rule_compile(mem, env, text->text, &options, &rule, ps) ? rule : NULL;
}

static struct str replace(
	struct arena *mem, struct str text, struct str old, struct str by, bool whole_word)
{
	struct strbuf b;
	struct str result;
	size_t i = 0;

	strbuf_init(&b, STRBUF_MAX);
	while (i < text.n) {
		bool is_hit = text.n - i >= old.n && memcmp(text.p + i, old.p, old.n) == 0;
		if (is_hit && whole_word) {
			char before = i ? text.p[i - 1] : ' ';
			char after = i + old.n < text.n ? text.p[i + old.n] : ' ';
			const char *word = "abcdefghijklmnopqrstuvwxyz0123456789_.'";
			is_hit = !strchr(word, before) && !strchr(word, after);
		}
		if (is_hit) {
			strbuf_str(&b, by);
			i += old.n;
		} else {
			strbuf_char(&b, text.p[i++]);
		}
	}
	result = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return result;
}

struct str text_replace_braced(struct arena *mem, struct str text, const char *name, struct str by)
{
	return replace(mem, text, str_printf(mem, "{%s}", name), by, false);
}

struct str text_replace_word(struct arena *mem, struct str text, const char *name, struct str by)
{
	return replace(mem, text, str_from(name), by, true);
}
