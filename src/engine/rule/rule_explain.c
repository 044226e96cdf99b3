/* A rule for people: titles instead of names, Chinese words and signs; or the rule's own words. */
#include "engine/rule/rule_ast.h"

#include "base/date.h"
#include "base/num.h"

struct explainer {
	struct strbuf *out;
	const struct rule_env *env;
	bool is_english;
};

static void explain(struct explainer *x, const struct rule_ast *ast);

static void word(struct explainer *x, const char *zh, const char *en)
{
	strbuf_z(x->out, x->is_english ? en : zh);
}

/* How tightly a node binds, to know where brackets are needed. */
static int strength(const struct rule_ast *ast)
{
	switch (ast->kind) {
	case AST_BINARY:
		if (ast->binary == BIN_OR)
			return 1;
		if (ast->binary == BIN_AND)
			return 2;
		return ast->binary < BIN_ADD ? 4 : ast->binary < BIN_MUL ? 5 : 6;
	case AST_NOT:
		return 3;
	case AST_IS_NULL:
	case AST_IN:
	case AST_BETWEEN:
	case AST_LIKE:
		return 4;
	case AST_NEG:
		return 7;
	case AST_NUMBER:
	case AST_TEXT:
	case AST_DATE:
	case AST_BOOL:
	case AST_NULL:
	case AST_NAME:
	case AST_CASE:
	case AST_CALL:
		break;
	}
	return 9;
}

static void within(struct explainer *x, const struct rule_ast *ast, int least)
{
	bool has_brackets = strength(ast) < least;

	if (has_brackets)
		word(x, "（", "(");
	explain(x, ast);
	if (has_brackets)
		word(x, "）", ")");
}

static void name(struct explainer *x, struct str text)
{
	for (size_t i = 0; i < x->env->column_count; i++) {
		const struct rule_column *column = &x->env->columns[i];
		if (!str_eq(column->name, text) && !str_eq(column->title, text))
			continue;
		strbuf_str(
			x->out, column->title.n && !x->is_english ? column->title : column->name);
		return;
	}
	strbuf_str(x->out, text);
}

static void literal_text(struct explainer *x, struct str text)
{
	if (!x->is_english) {
		strbuf_z(x->out, "“");
		strbuf_str(x->out, text);
		strbuf_z(x->out, "”");
		return;
	}
	strbuf_char(x->out, '\'');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\'')
			strbuf_char(x->out, '\'');
		strbuf_char(x->out, text.p[i]);
	}
	strbuf_char(x->out, '\'');
}

static void list(struct explainer *x, const struct rule_ast *ast, size_t from)
{
	for (size_t i = from; i < ast->arg_count; i++) {
		if (i > from)
			word(x, "，", ", ");
		explain(x, ast->args[i]);
	}
}

static void binary(struct explainer *x, const struct rule_ast *ast)
{
	static const char *const zh[] = {" 或 ", " 且 ", " = ", " ≠ ", " < ", " ≤ ", " > ", " ≥ ",
		" + ", " − ", " × ", " ÷ ", " 除余 "};
	static const char *const en[] = {" or ", " and ", " = ", " <> ", " < ", " <= ", " > ",
		" >= ", " + ", " - ", " * ", " / ", " % "};
	int own = strength(ast);
	bool is_comparison = own == 4;

	within(x, ast->args[0], is_comparison ? own + 1 : own);
	word(x, zh[ast->binary], en[ast->binary]);
	within(x, ast->args[1], own + 1);
}

static void membership(struct explainer *x, const struct rule_ast *ast)
{
	bool is_not = ast->is_negated;

	within(x, ast->args[0], 5);
	if (ast->kind == AST_IN) {
		word(x, is_not ? " 不属于（" : " 属于（", is_not ? " not in (" : " in (");
		list(x, ast, 1);
		word(x, "）", ")");
	} else if (ast->kind == AST_BETWEEN) {
		word(x, is_not ? " 不在 " : " 在 ", is_not ? " not between " : " between ");
		within(x, ast->args[1], 5);
		word(x, " 至 ", " and ");
		within(x, ast->args[2], 5);
		word(x, " 之间", "");
	} else {
		word(x, is_not ? " 不形如 " : " 形如 ", is_not ? " not like " : " like ");
		explain(x, ast->args[1]);
	}
}

static void cases(struct explainer *x, const struct rule_ast *ast)
{
	size_t first = ast->has_operand ? 1 : 0, i = first, end = ast->arg_count - ast->has_else;

	word(x, "〔", "case");
	if (ast->has_operand) {
		word(x, "按 ", " ");
		explain(x, ast->args[0]);
		word(x, "：", "");
	}
	for (; i + 1 < end; i += 2) {
		word(x, i > first ? "；当 " : "当 ", " when ");
		explain(x, ast->args[i]);
		word(x, " 取 ", " then ");
		explain(x, ast->args[i + 1]);
	}
	if (ast->has_else) {
		word(x, "；否则 ", " else ");
		explain(x, ast->args[ast->arg_count - 1]);
	}
	word(x, "〕", " end");
}

static const char *chinese_function(struct str function)
{
	static const char *const names[][2] = {{"sum", "合计"}, {"count", "个数"}, {"avg", "平均"},
		{"min", "最小"}, {"max", "最大"}, {"abs", "绝对值"}, {"round", "四舍五入"},
		{"ceil", "向上取整"}, {"floor", "向下取整"}, {"coalesce", "取第一个有值的"},
		{"nullif", "相等则空"}, {"greatest", "较大者"}, {"least", "较小者"},
		{"div", "整除"}, {"length", "字数"}, {"year", "年份"}, {"month", "月份"},
		{"day", "日"}, {"param", "参数"}};

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (str_is(function, names[i][0]))
			return names[i][1];
	return NULL;
}

static void call(struct explainer *x, const struct rule_ast *ast)
{
	const char *zh = chinese_function(ast->text);

	if (x->is_english || !zh)
		strbuf_str(x->out, ast->text);
	else
		strbuf_z(x->out, zh);
	word(x, "（", "(");
	if (ast->is_star)
		word(x, "记录", "*");
	list(x, ast, 0);
	if (ast->filter && !x->is_english) {
		strbuf_z(x->out, "，其中 ");
		explain(x, ast->filter);
	}
	word(x, "）", ")");
	if (ast->filter && x->is_english) {
		strbuf_z(x->out, " filter (where ");
		explain(x, ast->filter);
		strbuf_char(x->out, ')');
	}
}

static void date(struct explainer *x, const struct rule_ast *ast)
{
	word(x, "", "date '");
	strbuf_date(x->out, (struct date){(int32_t)ast->value});
	word(x, "", "'");
}

static void explain(struct explainer *x, const struct rule_ast *ast)
{
	switch (ast->kind) {
	case AST_NUMBER:
		strbuf_dec(x->out, ast->value, ast->scale);
		break;
	case AST_TEXT:
		literal_text(x, ast->text);
		break;
	case AST_DATE:
		date(x, ast);
		break;
	case AST_BOOL:
		word(x, ast->value ? "是" : "否", ast->value ? "true" : "false");
		break;
	case AST_NULL:
		word(x, "空", "null");
		break;
	case AST_NAME:
		name(x, ast->text);
		break;
	case AST_NEG:
		word(x, "−", "-");
		within(x, ast->args[0], 8);
		break;
	case AST_NOT:
		word(x, "非 ", "not ");
		within(x, ast->args[0], 3);
		break;
	case AST_BINARY:
		binary(x, ast);
		break;
	case AST_IS_NULL:
		within(x, ast->args[0], 5);
		word(x, " 为空", " is null");
		break;
	case AST_IN:
	case AST_BETWEEN:
	case AST_LIKE:
		membership(x, ast);
		break;
	case AST_CASE:
		cases(x, ast);
		break;
	case AST_CALL:
		call(x, ast);
		break;
	}
}

void rule_explain(struct strbuf *out, const struct rule *rule, bool is_english)
{
	struct explainer x = {.out = out, .env = rule->env, .is_english = is_english};

	explain(&x, rule->ast);
}
