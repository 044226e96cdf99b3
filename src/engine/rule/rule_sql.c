/*
 * SQL for SQLite and PostgreSQL. The tree has only what both can say with the same result; where
 * they differ (booleans, types of literals, like, zero divisors) each gets its own words here.
 */
#include "engine/rule/rule_node.h"

#include "base/date.h"
#include "base/num.h"

struct printer {
	struct strbuf *out;
	const struct rule_env *env;
	enum rule_dialect dialect;
	struct str alias;
};

static void print(struct printer *p, const struct rule_node *node);

static bool is_pg(const struct printer *p)
{
	return p->dialect == RULE_POSTGRES;
}

static void quoted(struct strbuf *out, struct str text, char quote)
{
	strbuf_char(out, quote);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == quote)
			strbuf_char(out, quote);
		strbuf_char(out, text.p[i]);
	}
	strbuf_char(out, quote);
}

static const char *sql_type(enum rule_type type)
{
	switch (type) {
	case RULE_TEXT:
	case RULE_DATE:
		return "TEXT";
	case RULE_BOOL:
		return "BOOLEAN";
	case RULE_NULL:
	case RULE_NUM:
	case RULE_RATIO:
		break;
	}
	return "BIGINT";
}

static void constant(struct printer *p, const struct rule_node *node)
{
	if (node->is_null) {
		if (is_pg(p))
			strbuf_printf(p->out, "CAST(NULL AS %s)", sql_type(node->type));
		else
			strbuf_z(p->out, "NULL");
	} else if (node->type == RULE_TEXT)
		quoted(p->out, node->text, '\'');
	else if (node->type == RULE_DATE) {
		strbuf_char(p->out, '\'');
		strbuf_date(p->out, (struct date){(int32_t)node->value});
		strbuf_char(p->out, '\'');
	} else if (node->type == RULE_BOOL)
		strbuf_z(p->out, is_pg(p)      ? (node->value ? "TRUE" : "FALSE")
				 : node->value ? "1"
					       : "0");
	else if (is_pg(p))
		/* A bare 5 is an int4 there, and would overflow as one. */
		strbuf_printf(p->out, "BIGINT '%" PRId64 "'", node->value);
	else
		strbuf_printf(p->out, node->value < 0 ? "(%" PRId64 ")" : "%" PRId64, node->value);
}

static void column(struct printer *p, const struct rule_node *node)
{
	if (p->alias.n) {
		quoted(p->out, p->alias, '"');
		strbuf_char(p->out, '.');
	}
	quoted(p->out, p->env->columns[node->value].name, '"');
}

static const char *const signs[] = {[NODE_ADD] = "+",
	[NODE_SUB] = "-",
	[NODE_MUL] = "*",
	[NODE_IDIV] = "/",
	[NODE_MOD] = "%",
	[NODE_EQ] = "=",
	[NODE_NE] = "<>",
	[NODE_LT] = "<",
	[NODE_LE] = "<=",
	[NODE_GT] = ">",
	[NODE_GE] = ">=",
	[NODE_AND] = "AND",
	[NODE_OR] = "OR"};

static void infix(struct printer *p, const struct rule_node *node, const char *sign)
{
	strbuf_char(p->out, '(');
	print(p, node->args[0]);
	strbuf_printf(p->out, " %s ", sign);
	print(p, node->args[1]);
	strbuf_char(p->out, ')');
}

static void call(
	struct printer *p, const struct rule_node *node, const char *before, const char *after)
{
	strbuf_z(p->out, before);
	for (size_t i = 0; i < node->arg_count; i++) {
		if (i)
			strbuf_z(p->out, ", ");
		print(p, node->args[i]);
	}
	strbuf_z(p->out, after);
}

/* SQLite gives NULL for a zero divisor, PostgreSQL an error. */
static void divide(struct printer *p, const struct rule_node *node, const char *sign)
{
	strbuf_char(p->out, '(');
	print(p, node->args[0]);
	strbuf_printf(p->out, " %s ", sign);
	if (is_pg(p) && !node_is_const(node->args[1])) {
		strbuf_z(p->out, "NULLIF(");
		print(p, node->args[1]);
		strbuf_z(p->out, ", 0)");
	} else if (is_pg(p) && node->args[1]->value == 0) {
		strbuf_z(p->out, "CAST(NULL AS BIGINT)");
	} else
		print(p, node->args[1]);
	strbuf_char(p->out, ')');
}

static void compare(struct printer *p, const struct rule_node *node, const char *sign)
{
	bool is_ordered_text = node->args[0]->type == RULE_TEXT || node->args[0]->type == RULE_DATE;

	if (!is_ordered_text || !is_pg(p)) {
		infix(p, node, sign);
		return;
	}
	strbuf_char(p->out, '(');
	print(p, node->args[0]);
	strbuf_printf(p->out, " %s ", sign);
	print(p, node->args[1]);
	strbuf_z(p->out, " COLLATE \"C\")");
}

static void operation(struct printer *p, const struct rule_node *node)
{
	bool is_comparison = node->op >= NODE_EQ && node->op <= NODE_GE;

	if (node->op == NODE_IDIV || node->op == NODE_MOD)
		divide(p, node, signs[node->op]);
	else if (is_comparison)
		compare(p, node, signs[node->op]);
	else
		infix(p, node, signs[node->op]);
}

static void cases(struct printer *p, const struct rule_node *node)
{
	size_t i = 0;

	strbuf_z(p->out, "CASE");
	for (; i + 1 < node->arg_count; i += 2) {
		strbuf_z(p->out, " WHEN ");
		print(p, node->args[i]);
		strbuf_z(p->out, " THEN ");
		print(p, node->args[i + 1]);
	}
	strbuf_z(p->out, " ELSE ");
	print(p, node->args[i]);
	strbuf_z(p->out, " END");
}

static void in_list(struct printer *p, const struct rule_node *node)
{
	strbuf_char(p->out, '(');
	print(p, node->args[0]);
	strbuf_z(p->out, " IN (");
	for (size_t i = 1; i < node->arg_count; i++) {
		if (i > 1)
			strbuf_z(p->out, ", ");
		print(p, node->args[i]);
	}
	strbuf_z(p->out, "))");
}

/* SQLite's LIKE ignores case, its GLOB does not; PostgreSQL's LIKE has an escape by default. */
static void like(struct printer *p, const struct rule_node *node)
{
	struct strbuf glob;

	strbuf_char(p->out, '(');
	print(p, node->args[0]);
	if (is_pg(p)) {
		strbuf_z(p->out, " LIKE ");
		quoted(p->out, node->text, '\'');
		strbuf_z(p->out, " ESCAPE '')");
		return;
	}
	strbuf_init(&glob, RULE_TEXT_MAX * 4);
	for (size_t i = 0; i < node->text.n; i++) {
		char c = node->text.p[i];
		if (c == '%' || c == '_')
			strbuf_char(&glob, c == '%' ? '*' : '?');
		else if (c == '*' || c == '?' || c == '[')
			strbuf_printf(&glob, "[%c]", c);
		else
			strbuf_char(&glob, c);
	}
	strbuf_z(p->out, " GLOB ");
	quoted(p->out, strbuf_view(&glob), '\'');
	strbuf_char(p->out, ')');
	strbuf_release(&glob);
}

/* Of YYYY-MM-DD. */
static void date_part(struct printer *p, const struct rule_node *node)
{
	int from = node->op == NODE_YEAR ? 1 : node->op == NODE_MONTH ? 6 : 9;
	int length = node->op == NODE_YEAR ? 4 : 2;

	strbuf_z(p->out, "CAST(substr(");
	print(p, node->args[0]);
	strbuf_printf(p->out, ", %d, %d) AS %s)", from, length, is_pg(p) ? "BIGINT" : "INTEGER");
}

static void days(struct printer *p, const struct rule_node *node)
{
	const char *open = is_pg(p) ? "CAST(" : "julianday(";
	const char *close = is_pg(p) ? " AS DATE)" : ")";

	strbuf_z(p->out, "CAST((");
	strbuf_z(p->out, open);
	print(p, node->args[0]);
	strbuf_printf(p->out, "%s - %s", close, open);
	print(p, node->args[1]);
	strbuf_printf(p->out, "%s) AS %s)", close, is_pg(p) ? "BIGINT" : "INTEGER");
}

static void print(struct printer *p, const struct rule_node *node)
{
	/* Shared nodes print again at each use: stop when the text is full, not when done. */
	if (p->out->too_long)
		return;
	switch (node->op) {
	case NODE_CONST:
		constant(p, node);
		break;
	case NODE_COLUMN:
		column(p, node);
		break;
	case NODE_ADD:
	case NODE_SUB:
	case NODE_MUL:
	case NODE_IDIV:
	case NODE_MOD:
	case NODE_EQ:
	case NODE_NE:
	case NODE_LT:
	case NODE_LE:
	case NODE_GT:
	case NODE_GE:
	case NODE_AND:
	case NODE_OR:
		operation(p, node);
		break;
	case NODE_NEG:
		call(p, node, "(- ", ")");
		break;
	case NODE_ABS:
		call(p, node, "abs(", ")");
		break;
	case NODE_NOT:
		call(p, node, "(NOT ", ")");
		break;
	case NODE_IS_NULL:
		call(p, node, "(", " IS NULL)");
		break;
	case NODE_CASE:
		cases(p, node);
		break;
	case NODE_COALESCE:
		/* SQLite wants two arguments at least. */
		call(p, node, node->arg_count > 1 ? "coalesce(" : "(", ")");
		break;
	case NODE_IN:
		in_list(p, node);
		break;
	case NODE_LIKE:
		like(p, node);
		break;
	case NODE_LENGTH:
		call(p, node, is_pg(p) ? "CAST(length(" : "length(",
			is_pg(p) ? ") AS BIGINT)" : ")");
		break;
	case NODE_YEAR:
	case NODE_MONTH:
	case NODE_DAY:
		date_part(p, node);
		break;
	case NODE_DAYS:
		days(p, node);
		break;
	case NODE_PARTIAL:
	case NODE_DIV:
	case NODE_ROUND:
	case NODE_FLOOR:
	case NODE_CEIL:
		BUG("node %d has no place in SQL", (int)node->op);
	}
}

static void ratio(struct printer *p, const struct rule *rule)
{
	const char *type = is_pg(p) ? "DOUBLE PRECISION" : "REAL";
	int shift = rule->denominator->scale - rule->value->scale;

	strbuf_z(p->out, "(CAST(");
	print(p, rule->value);
	strbuf_printf(p->out, " AS %s) / NULLIF(", type);
	print(p, rule->denominator);
	strbuf_z(p->out, ", 0)");
	if (shift)
		strbuf_printf(p->out, " %c CAST(%" PRId64 " AS %s)", shift > 0 ? '*' : '/',
			pow10_i64(shift > 0 ? shift : -shift), type);
	strbuf_char(p->out, ')');
}

bool rule_sql_row(
	struct strbuf *out, const struct rule *rule, enum rule_dialect dialect, struct str alias)
{
	struct printer p = {.out = out, .env = rule->env, .dialect = dialect, .alias = alias};

	assert(rule->kind == RULE_ROW);
	if (rule->denominator)
		ratio(&p, rule);
	else
		print(&p, rule->value);
	return !out->too_long;
}

static void aggregate(struct printer *p, const struct rule_partial *partial, const char *function)
{
	strbuf_z(p->out, function);
	strbuf_char(p->out, '(');
	if (partial->value)
		print(p, partial->value);
	else
		strbuf_char(p->out, '*');
	strbuf_char(p->out, ')');
	if (partial->filter) {
		strbuf_z(p->out, " FILTER (WHERE ");
		print(p, partial->filter);
		strbuf_char(p->out, ')');
	}
}

static void partial_columns(struct printer *p, const struct rule_partial *partial, size_t index)
{
	static const char *const functions[] = {
		[RULE_SUM] = "sum", [RULE_MIN] = "min", [RULE_MAX] = "max"};

	if (partial->kind == RULE_COUNT)
		strbuf_z(p->out, "CAST(NULL AS TEXT)");
	else {
		strbuf_z(p->out, "CAST(");
		aggregate(p, partial, functions[partial->kind]);
		strbuf_z(p->out, " AS TEXT)");
	}
	strbuf_printf(p->out, " AS p%zu_sum, ", index);
	aggregate(p, partial, "count");
	strbuf_printf(p->out, " AS p%zu_count", index);
}

bool rule_sql_partials(struct strbuf *out, const struct rule_partial *partials,
	size_t partial_count, const struct rule_select *select, const struct rule_env *env)
{
	struct printer p = {.out = out, .env = env, .dialect = select->dialect};

	strbuf_z(out, "SELECT ");
	for (size_t i = 0; i < select->group_count; i++) {
		quoted(out, select->groups[i], '"');
		strbuf_z(out, ", ");
	}
	for (size_t i = 0; i < partial_count; i++) {
		strbuf_z(out, i ? ", " : "");
		partial_columns(&p, &partials[i], i);
	}
	strbuf_z(out, " FROM ");
	quoted(out, select->table, '"');
	if (select->where) {
		assert(select->where->kind == RULE_ROW && select->where->type == RULE_BOOL);
		strbuf_z(out, " WHERE ");
		print(&p, select->where->value);
	}
	for (size_t i = 0; i < select->group_count; i++) {
		strbuf_z(out, i ? ", " : " GROUP BY ");
		quoted(out, select->groups[i], '"');
	}
	for (size_t i = 0; i < select->group_count; i++) {
		strbuf_z(out, i ? ", " : " ORDER BY ");
		quoted(out, select->groups[i], '"');
		strbuf_z(out, " NULLS LAST");
	}
	return !out->too_long;
}

static bool parse_i128(struct str text, i128 *out)
{
	bool is_negative = text.n && text.p[0] == '-';
	i128 value = 0;

	if (text.n == is_negative)
		return false;
	for (size_t i = is_negative; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' ||
			__builtin_mul_overflow(value, 10, &value) ||
			__builtin_sub_overflow(value, text.p[i] - '0', &value))
			return false;
	}
	if (!is_negative)
		return !__builtin_sub_overflow((i128)0, value, out);
	*out = value;
	return true;
}

bool rule_sum_parse(
	const struct rule_partial *partial, struct str sum, int64_t count, struct rule_sum *out)
{
	struct rule_sum parsed = {.count = count};
	struct date day;

	if (partial->kind != RULE_COUNT && count > 0) {
		if (partial->type == RULE_DATE) {
			if (!date_parse(sum, &day))
				return false;
			parsed.sum = day.day;
		} else if (!parse_i128(sum, &parsed.sum))
			return false;
	}
	*out = parsed;
	return true;
}
