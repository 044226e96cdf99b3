/* shuren unseal: what POST …/unseal does, for whom --as names. */
#include "mod/auth/unseal_cmd.h"

#include "base/num.h"
#include "cli/report.h"
#include "mod/auth/auth.h"
#include "mod/ledger/unseal.h"

#define FIELDS_MAX 20

static const struct cli_option options[] = {
	{"reason", "TEXT", false, "理由, 至少 10 个字, 记入审计",
		"why, 10 characters at least; the audit log keeps it"},
	{"as", "LOGIN", false, "以谁的权限查看", "by whose rights"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct ctx *cx;
	struct open_place *place;
	struct stored_ledger l;
	struct org_tree tree;
	struct str *fields;
	size_t count;
	struct str login, reason;
	int64_t id;
};

static enum err read_words(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	*t = (struct task){.cx = cx,
		.count = args->word_count - 3,
		.fields = args->words + 3,
		.login = cli_get(args, "as"),
		.reason = cli_get(args, "reason")};
	if (parse_i64(cli_word(args, 2), 1, INT64_MAX, &t->id) != NUM_OK || !t->login.n)
		return ctx_fail(cx, ERR_INVALID,
			"unseal PLACE LEDGER ROW-ID FIELD... --reason TEXT --as LOGIN");
	if (!unseal_reason_fits(t->reason))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "请用 --reason 写明理由, %d 到 %d 个字",
				"say why by --reason, in %d to %d characters"),
			UNSEAL_REASON_MIN, UNSEAL_REASON_MAX);
	return ERR_OK;
}

static enum err find_ledger(struct task *t, struct str name)
{
	const struct pack_ledger *ledger = pack_find_ledgers(t->place->pack, name);

	if (!ledger)
		return ctx_fail(t->cx, ERR_NOT_FOUND,
			TR(t->cx, "没有台账 '" STR_FMT "'", "no ledger '" STR_FMT "'"),
			STR_ARG(name));
	stored_ledger_init(t->cx->mem, ledger, &t->l);
	for (size_t i = 0; i < t->count; i++)
		if (!unseal_has_field(&t->l, t->fields[i]))
			return ctx_fail(t->cx, ERR_INVALID,
				TR(t->cx, "'" STR_FMT "' 不是加密保存的字段",
					"'" STR_FMT "' is no sealed field"),
				STR_ARG(t->fields[i]));
	return ERR_OK;
}

/* The account's rights, which are those of the page: a row outside is one that is not there. */
static enum err check_rights(struct task *t, const struct ledger_row *row)
{
	struct str ledger = t->l.ledger->id.text;
	struct roles_held roles;
	struct scopes scopes = {0};

	TRY(account_open_roles(t->cx, t->place->db, t->login, &roles));
	rights_scopes(t->cx->mem, t->place->pack, &t->tree, &roles, ledger, "read", &scopes);
	if (!row || (!scopes_are_all(&scopes) && !scopes_have(&scopes, &t->tree, row->org)))
		return ctx_fail(t->cx, ERR_NOT_FOUND, "%s",
			TR(t->cx, "没有这一行", "there is no such row"));
	for (size_t i = 0; i < t->count; i++)
		if (!rights_unseal(
			    t->place->pack, &roles, ledger, t->fields[i], &t->tree, row->org))
			return ctx_fail(t->cx, ERR_FORBIDDEN,
				TR(t->cx, STR_FMT " 的角色不能查看这一行的 " STR_FMT,
					"the roles of " STR_FMT " do not open " STR_FMT
					" of this row"),
				STR_ARG(t->login), STR_ARG(t->fields[i]));
	return ERR_OK;
}

static enum err open_fields(struct task *t, struct str *values)
{
	const struct ledger_filter filter = {.id = t->id};
	struct ledger_cursor *rows;
	const struct ledger_row *row;
	struct str program = t->cx->user;
	enum err e;

	TRY(org_tree_load(t->cx, t->place->db, t->cx->mem, &t->tree));
	TRY(ledger_rows_begin(t->cx, t->place->db, &t->l, &t->tree, &filter, &rows));
	TRY(ledger_rows_next(t->cx, rows, &row));
	TRY(check_rights(t, row));
	/* Who sat at the terminal is part of the reason. */
	t->cx->user = t->login;
	e = row_unseal(t->cx, t->place, &t->l, row, t->fields, t->count,
		str_printf(t->cx->mem, STR_FMT " (shuren unseal, " STR_FMT ")",
			STR_ARG(str_trim(t->reason)), STR_ARG(program)),
		values);
	t->cx->user = program;
	ledger_rows_end(rows);
	return e;
}

static enum err unseal(struct ctx *cx, const struct cli_args *args)
{
	static const struct report_column columns[] = {
		{"field", "字段", REPORT_TEXT}, {"value", "内容", REPORT_TEXT}};
	struct str *values;
	struct report r;
	struct task t;
	enum err e;

	TRY(read_words(cx, args, &t));
	TRY(place_open(cx, cli_word(args, 0), DB_EXISTING, &t.place));
	TRY(find_ledger(&t, cli_word(args, 1)));
	values = arena_array(cx->mem, struct str, t.count);
	TRY(db_begin(cx, t.place->db, DB_WRITE));
	e = open_fields(&t, values);
	if (e == ERR_OK)
		e = db_commit(cx, t.place->db);
	db_rollback(t.place->db);
	TRY(e);
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < t.count; i++) {
		report_str(&r, t.fields[i]);
		report_str(&r, values[i]);
	}
	return report_print(cx, &r, args);
}

const struct command unseal_commands[] = {
	{"unseal", "PLACE LEDGER ROW-ID FIELD... --reason TEXT --as LOGIN", 4, 3 + FIELDS_MAX,
		options, "查看一行的加密字段, 理由记入审计",
		"read sealed fields of a row; the reason goes into the audit log", unseal},
	{0},
};
