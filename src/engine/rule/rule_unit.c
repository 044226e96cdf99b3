#include "engine/rule/rule_unit.h"

/* Multiply by name^exponent, keeping the order by name and dropping what cancels. */
static bool put(struct unit *unit, struct str name, int exponent)
{
	size_t i = 0;

	while (i < unit->count && str_cmp(unit->factors[i].name, name) < 0)
		i++;
	if (i < unit->count && str_eq(unit->factors[i].name, name)) {
		unit->factors[i].exponent += exponent;
		if (unit->factors[i].exponent == 0) {
			unit->count--;
			memmove(&unit->factors[i], &unit->factors[i + 1],
				(unit->count - i) * sizeof unit->factors[0]);
		}
		return true;
	}
	if (unit->count == UNIT_FACTORS)
		return false;
	memmove(&unit->factors[i + 1], &unit->factors[i],
		(unit->count - i) * sizeof unit->factors[0]);
	unit->factors[i].name = name;
	unit->factors[i].exponent = exponent;
	unit->count++;
	return true;
}

static bool put_factor(struct unit *unit, struct str text, int sign)
{
	int exponent = 1;
	char last;

	text = str_trim(text);
	if (!text.n || str_is(text, "1"))
		return text.n > 0;
	last = text.p[text.n - 1];
	if (text.n > 1 && last >= '2' && last <= '9') {
		exponent = last - '0';
		text.n--;
		if (text.n > 1 && text.p[text.n - 1] == '^')
			text.n--;
	}
	return put(unit, text, sign * exponent);
}

bool unit_parse(struct str text, struct unit *out)
{
	struct unit unit = {0};
	size_t from = 0;
	int sign = 1;

	if (!str_trim(text).n) {
		*out = unit;
		return true;
	}
	for (size_t i = 0; i <= text.n; i++) {
		if (i < text.n && text.p[i] != '*' && text.p[i] != '/')
			continue;
		if (!put_factor(&unit, str_sub(text, from, i), sign))
			return false;
		sign = i < text.n && text.p[i] == '/' ? -1 : 1;
		from = i + 1;
	}
	*out = unit;
	return true;
}

bool unit_combine(const struct unit *a, const struct unit *b, int sign, struct unit *out)
{
	struct unit unit = *a;

	for (size_t i = 0; i < b->count; i++)
		if (!put(&unit, b->factors[i].name, sign * b->factors[i].exponent))
			return false;
	unit.is_any = a->is_any && b->is_any;
	*out = unit;
	return true;
}

bool unit_same(const struct unit *a, const struct unit *b, struct unit *out)
{
	const struct unit *kept = a->is_any ? b : a;

	if (!a->is_any && !b->is_any) {
		if (a->count != b->count)
			return false;
		for (size_t i = 0; i < a->count; i++)
			if (!str_eq(a->factors[i].name, b->factors[i].name) ||
				a->factors[i].exponent != b->factors[i].exponent)
				return false;
	}
	if (out)
		*out = *kept;
	return true;
}

static void factor(struct strbuf *b, struct str name, int exponent)
{
	strbuf_str(b, name);
	if (exponent > 1)
		strbuf_printf(b, "%d", exponent);
}

struct str unit_format(struct arena *mem, const struct unit *unit)
{
	struct strbuf b;
	struct str text;
	bool has_top = false;

	strbuf_init(&b, 1024);
	for (size_t i = 0; i < unit->count; i++) {
		if (unit->factors[i].exponent < 0)
			continue;
		if (has_top)
			strbuf_char(&b, '*');
		factor(&b, unit->factors[i].name, unit->factors[i].exponent);
		has_top = true;
	}
	if (!has_top && unit->count)
		strbuf_char(&b, '1');
	for (size_t i = 0; i < unit->count; i++) {
		if (unit->factors[i].exponent > 0)
			continue;
		strbuf_char(&b, '/');
		factor(&b, unit->factors[i].name, -unit->factors[i].exponent);
	}
	text = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}
