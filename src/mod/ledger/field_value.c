#include "mod/ledger/field_value.h"

#include "base/num.h"
#include "mod/ledger/formats.h"

#include <locale.h>
#include <regex.h>

/*
 * Most patterns are of codes: without Chinese, wildcards and negated sets they mean the same byte
 * by byte, and the C locale's matcher is several times faster.
 */
static bool is_byte_pattern(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] >= 0x80 || s.p[i] == '.' ||
			(s.p[i] == '[' && i + 1 < s.n && s.p[i + 1] == '^'))
			return false;
	return true;
}

static int compile_pattern(regex_t *out, const char *text, bool is_bytes)
{
	locale_t plain = is_bytes ? newlocale(LC_ALL_MASK, "C", (locale_t)0) : (locale_t)0, before;
	int failed;

	if (!plain)
		return regcomp(out, text, REG_EXTENDED | REG_NOSUB);
	before = uselocale(plain);
	failed = regcomp(out, text, REG_EXTENDED | REG_NOSUB);
	uselocale(before);
	freelocale(plain);
	return failed;
}

static void free_pattern(void *arg)
{
	regfree(arg);
}

static void add_code(struct field_parser *parser, struct str text, size_t at)
{
	bool is_new;
	int64_t *slot;

	if (!text.n)
		return;
	slot = strmap_put(&parser->codes, text, &is_new);
	if (is_new)
		*slot = (int64_t)at + 1;
}

static void ready_codes(struct field_parser *parser, struct arena *mem, const struct pack *p)
{
	const struct pack_field *f = parser->field;
	const struct pack_codes *codes = f->codes.text.n ? pack_find_codes(p, f->codes.text) : NULL;
	const struct located_list *choices = f->constraints ? &f->constraints->choices : NULL;
	size_t n = codes ? codes->items.count : choices ? choices->count : 0;

	if (n == 0)
		return;
	parser->has_codes = true;
	parser->code_list = arena_array(mem, struct str, n);
	parser->code_count = n;
	strmap_init(&parser->codes, mem);
	for (size_t i = 0; i < n; i++) {
		struct str code = codes ? codes->items.items[i].code.text : choices->items[i].text;
		bool is_allowed = !codes || !choices || choices->count == 0;
		for (size_t k = 0; codes && choices && k < choices->count; k++)
			is_allowed |= str_eq(choices->items[k].text, code);
		if (!is_allowed)
			continue;
		parser->code_list[i] = code;
		add_code(parser, code, i);
	}
	/* Titles after codes, synonyms last: what is nearer to the code wins. */
	for (size_t i = 0; codes && i < n; i++)
		if (parser->code_list[i].n)
			add_code(parser, codes->items.items[i].title.text, i);
	for (size_t i = 0; codes && i < n; i++)
		for (size_t k = 0;
			parser->code_list[i].n && k < codes->items.items[i].synonyms.count; k++)
			add_code(parser, codes->items.items[i].synonyms.items[k].text, i);
}

/* A bound with six decimals at the field's scale; rounded inwards where it is finer. */
static int64_t bound_at_scale(int64_t micro, int scale, bool is_min)
{
	int64_t step = scale < 6 ? pow10_i64(6 - scale) : 1;
	int64_t v = micro / step;

	if (is_min && micro % step > 0)
		v++;
	if (!is_min && micro % step < 0)
		v--;
	return scale > 6 ? v * pow10_i64(scale - 6) : v;
}

void field_parser_init(struct field_parser *parser, struct arena *mem, const struct pack *p,
	const struct pack_field *field)
{
	const struct pack_constraints *c = field->constraints;

	*parser = (struct field_parser){.field = field};
	ready_codes(parser, mem, p);
	if (!c)
		return;
	parser->is_required = c->is_required;
	parser->has_min = c->minimum.is_set;
	parser->has_max = c->maximum.is_set;
	parser->min = bound_at_scale(c->minimum.micro, (int)field->scale, true);
	parser->max = bound_at_scale(c->maximum.micro, (int)field->scale, false);
	if (c->pattern.text.n) {
		regex_t *pattern = arena_new(mem, regex_t);
		char *text = arena_printf(mem, "^(" STR_FMT ")$", STR_ARG(c->pattern.text));
		if (compile_pattern(pattern, text, is_byte_pattern(c->pattern.text)) == 0) {
			parser->pattern = pattern;
			arena_defer(mem, free_pattern, pattern);
		}
	}
}

static bool refuse(struct arena *mem, struct str *why, const char *fmt, ...) PRINTF(3, 4);

static bool refuse(struct arena *mem, struct str *why, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	*why = str_from(arena_vprintf(mem, fmt, ap));
	va_end(ap);
	return false;
}

struct message {
	struct arena *mem;
	bool is_english;
	struct str *why;
};

static bool parse_number(
	const struct field_parser *p, struct str s, const struct message *m, int64_t *out)
{
	int scale = p->field->type == FIELD_DECIMAL ? (int)p->field->scale : 0;
	enum num_result r = parse_dec(s, scale, out);

	if (r == NUM_NOT_A_NUMBER)
		return refuse(m->mem, m->why, TR(m, "应为数字", "should be a number"));
	if (r == NUM_TOO_FINE && scale == 0)
		return refuse(m->mem, m->why, TR(m, "应为整数", "should be a whole number"));
	if (r == NUM_TOO_FINE)
		return refuse(m->mem, m->why,
			TR(m, "小数最多 %d 位", "should have at most %d decimals"), scale);
	if (r == NUM_TOO_LARGE)
		return refuse(m->mem, m->why, TR(m, "数字太大", "the number is too large"));
	if (p->has_min && *out < p->min)
		return refuse(m->mem, m->why, TR(m, "不应小于 %s", "should not be below %s"),
			dec_format(m->mem, p->min, scale));
	if (p->has_max && *out > p->max)
		return refuse(m->mem, m->why, TR(m, "不应大于 %s", "should not be above %s"),
			dec_format(m->mem, p->max, scale));
	return true;
}

static bool parse_bool(struct str s, int64_t *out)
{
	static const char *const yes[] = {
		"是", "有", "true", "TRUE", "True", "Y", "y", "yes", "√", "对", "达到"};
	static const char *const no[] = {
		"否", "无", "false", "FALSE", "False", "N", "n", "no", "×", "错", "没有", "未达到"};

	if (s.n == 1 && (s.p[0] == '0' || s.p[0] == '1')) { /* as files have it by the million */
		*out = s.p[0] == '1';
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(yes); i++)
		if (str_is(s, yes[i])) {
			*out = 1;
			return true;
		}
	for (size_t i = 0; i < ARRAY_LEN(no); i++)
		if (str_is(s, no[i])) {
			*out = 0;
			return true;
		}
	return false;
}

static bool parse_date_cell(struct str s, int64_t *out)
{
	struct date d;

	if (s.n == 19 && s.p[10] == ' ') /* a date with the time of day */
		s = str_sub(s, 0, 10);
	if (!date_parse(s, &d))
		return false;
	*out = d.day;
	return true;
}

bool period_parse(struct arena *mem, struct str s, struct str *out)
{
	static const char *const tails[] = {"学年度", "学年", "年度", "年"};
	size_t digits = 0;

	for (size_t i = 0; i < ARRAY_LEN(tails); i++)
		if (str_ends(s, tails[i])) {
			s = str_sub(s, 0, s.n - strlen(tails[i]));
			break;
		}
	while (digits < s.n && s.p[digits] >= '0' && s.p[digits] <= '9')
		digits++;
	if (digits != 4 || s.p[0] < '1')
		return false;
	for (size_t i = 4; i < s.n; i++) {
		char c = s.p[i];
		if (!((c >= '0' && c <= '9') || c == '-' ||
			    (i == 5 && (c == 'H' || c == 'Q' || c == 'W' || c == 'T'))))
			return false;
	}
	if (s.n != 4 && s.n != 7 && s.n != 8 && s.n != 9 && s.n != 10)
		return false;
	*out = str_copy(mem, s);
	return s.n == 4 || s.p[4] == '-';
}

/* Letters and digits of an identifier that a spreadsheet has stored as a number are lost. */
static bool parse_text(const struct field_parser *p, const struct table_cell *cell, struct str s,
	const struct message *m, struct field_value *out)
{
	const struct pack_constraints *c = p->field->constraints;
	const struct format *format =
		p->field->format.text.n ? format_find(p->field->format.text) : NULL;

	if (cell->kind == CELL_NUMBER && cell->is_inexact)
		return refuse(m->mem, m->why,
			TR(m,
				"这个数字超过 15 位, 表格软件已丢失末尾数字; "
				"请把该列设为文本后重新填写",
				"a number of more than 15 digits has lost its last ones in the "
				"workbook; format the column as text and type it again"));
	if (format || p->field->type == FIELD_ORG)
		s = utf8_narrow(m->mem, s); /* names keep their full-width brackets */
	if (p->has_codes) {
		const int64_t *at = strmap_find(&p->codes, s);
		if (!at)
			at = strmap_find(&p->codes, utf8_narrow(m->mem, s));
		if (at) {
			out->text = p->code_list[*at - 1];
			return true;
		}
		struct strbuf known;
		strbuf_init(&known, 200);
		for (size_t i = 0; i < p->codes.count && known.n < 120; i++)
			strbuf_printf(&known, "%s" STR_FMT, i ? "、" : "",
				STR_ARG(p->codes.entries[p->codes.count - 1 - i].key));
		(void)refuse(m->mem, m->why,
			TR(m, "不在代码表中, 可填: %s…", "not in the code table: %s…"),
			known.p ? known.p : "");
		strbuf_release(&known);
		return false;
	}
	if (format && !format->check(s))
		return refuse(m->mem, m->why, TR(m, "应为%s", "should be %s"),
			TR(m, format->zh, format->en));
	if (c && (c->min_length || c->max_length)) {
		size_t length = utf8_length(s);
		if (c->max_length && length > (size_t)c->max_length)
			return refuse(m->mem, m->why,
				TR(m, "最多 %" PRId64 " 个字", "at most %" PRId64 " characters"),
				c->max_length);
		if (length < (size_t)c->min_length)
			return refuse(m->mem, m->why,
				TR(m, "至少 %" PRId64 " 个字", "at least %" PRId64 " characters"),
				c->min_length);
	}
	if (c && p->pattern && regexec(p->pattern, str_z(m->mem, s), 0, NULL, 0) != 0)
		return refuse(m->mem, m->why,
			TR(m, "格式不对, 应合 " STR_FMT, "does not match " STR_FMT),
			STR_ARG(c->pattern.text));
	out->text = s;
	return true;
}

static bool parse_filled(const struct field_parser *p, const struct table_cell *cell, struct str s,
	const struct message *m, struct field_value *out)
{
	switch ((enum field_type)p->field->type) {
	case FIELD_INTEGER:
	case FIELD_DECIMAL:
		return parse_number(p, s, m, &out->number);
	case FIELD_BOOLEAN:
		return parse_bool(s, &out->number) ||
		       refuse(m->mem, m->why, TR(m, "应为 是 或 否", "should be 1 or 0"));
	case FIELD_DATE:
		return parse_date_cell(s, &out->number) ||
		       refuse(m->mem, m->why,
			       TR(m, "应为日期, 如 2026-09-01",
				       "should be a date such as 2026-09-01"));
	case FIELD_PERIOD:
		return period_parse(m->mem, s, &out->text) ||
		       refuse(m->mem, m->why,
			       TR(m, "应为周期, 如 2025 或 2025-2026",
				       "should be a period such as 2025"));
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_FILE:
	case FIELD_POINT:
		return parse_text(p, cell, s, m, out);
	}
	BUG("field type %d", p->field->type);
}

/* Digits, dates and yes/no are read in their plain forms whatever the keyboard made. */
static bool is_narrowed(const struct pack_field *field)
{
	return field->type == FIELD_INTEGER || field->type == FIELD_DECIMAL ||
	       field->type == FIELD_BOOLEAN || field->type == FIELD_DATE ||
	       field->type == FIELD_PERIOD;
}

bool field_parse(const struct field_parser *parser, const struct table_cell *cell,
	struct arena *mem, bool is_english, struct field_value *out, struct str *why)
{
	struct message m = {mem, is_english, why};
	struct str s = str_trim(cell->text);

	*out = (struct field_value){.is_null = true};
	if (cell->kind == CELL_ERROR)
		return refuse(mem, why,
			TR(&m, "单元格里是公式错误 " STR_FMT,
				"the cell holds a formula error " STR_FMT),
			STR_ARG(s));
	if (s.n == 0 && parser->field->initial.text.n)
		s = parser->field->initial.text;
	if (s.n == 0) {
		if (parser->is_required)
			return refuse(mem, why, TR(&m, "不能为空", "must not be empty"));
		return true;
	}
	if (is_narrowed(parser->field))
		s = utf8_narrow(mem, s);
	if (!parse_filled(parser, cell, s, &m, out))
		return false;
	out->is_null = false;
	return true;
}

void field_format(const struct pack *p, const struct pack_field *field,
	const struct field_value *value, bool as_title, struct strbuf *out)
{
	const struct pack_codes *codes;

	if (value->is_null)
		return;
	switch ((enum field_type)field->type) {
	case FIELD_INTEGER:
	case FIELD_DECIMAL:
		strbuf_dec_short(out, value->number, (int)field->scale);
		return;
	case FIELD_BOOLEAN:
		strbuf_z(out,
			as_title ? (value->number ? "是" : "否") : (value->number ? "1" : "0"));
		return;
	case FIELD_DATE:
		strbuf_date(out, (struct date){(int32_t)value->number});
		return;
	case FIELD_STRING:
	case FIELD_TEXT:
	case FIELD_TIME:
	case FIELD_ORG:
	case FIELD_PERIOD:
	case FIELD_FILE:
	case FIELD_POINT:
		break;
	}
	codes = as_title && field->codes.text.n ? pack_find_codes(p, field->codes.text) : NULL;
	for (size_t i = 0; codes && i < codes->items.count; i++)
		if (str_eq(codes->items.items[i].code.text, value->text)) {
			strbuf_str(out, codes->items.items[i].title.text);
			return;
		}
	strbuf_str(out, value->text);
}
