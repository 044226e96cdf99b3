#include "mod/auth/auth_cmd.h"

#include "cli/report.h"
#include "mod/auth/auth.h"
#include "mod/auth/auth_sql.h"
#include "mod/auth/sample_accounts.h"
#include "mod/place/place.h"

static const struct cli_option options[] = {
	{"name", "NAME", false, "姓名", "the person's name"},
	{"org", "CODE", false, "所在机构", "the organisation they belong to"},
	{"role", "ROLE[@ORG]", true, "角色, 默认在所在机构",
		"a role; at --org when no other is named"},
	{"password-stdin", NULL, false, "从标准输入读口令 (一行)",
		"read the password from standard input, one line"},
	{"keep-password", NULL, false, "首次登录不必改口令", "no change at the first sign-in"},
	{"days", "N", false, "令牌有效天数, 默认 90", "days that a token lasts, default 90"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct ctx *cx;
	const struct cli_args *args;
	struct open_place *place;
	struct db *db;
	struct org_tree tree;
	struct auth_rules rules;
	struct str login;
};

static enum err read_password(struct task *t, struct str *out, bool *out_made)
{
	char line[256];
	struct str given;

	*out_made = !cli_has(t->args, "password-stdin");
	if (*out_made) {
		*out = password_make(t->cx->mem);
		return ERR_OK;
	}
	if (!fgets(line, sizeof line, stdin))
		return ctx_fail(t->cx, ERR_INVALID, "%s",
			TR(t->cx, "标准输入没有口令", "no password on standard input"));
	given = str_from(line);
	while (given.n && (given.p[given.n - 1] == '\n' || given.p[given.n - 1] == '\r'))
		given.n--;
	*out = str_copy(t->cx->mem, given);
	return password_check(t->cx, &t->rules, t->login, *out);
}

static void held_roles(struct task *t, struct str org, struct roles_held *out)
{
	struct str given;

	*out = (struct roles_held){0};
	for (size_t i = 0; (given = cli_nth(t->args, "role", i)).p; i++) {
		struct str role = str_cut(&given, '@');
		*VEC_PUSH(t->cx->mem, &out->list) = (struct role_held){role, given.n ? given : org};
	}
}

static enum err add(struct task *t)
{
	struct new_account a = {.login = t->login,
		.name = cli_get(t->args, "name"),
		.org = cli_get(t->args, "org"),
		.must_change = !cli_has(t->args, "keep-password")};
	struct roles_held roles;
	struct str password;
	bool is_made;

	if (!a.org.n)
		return ctx_fail(t->cx, ERR_INVALID, "user PLACE add LOGIN --org CODE --role ROLE");
	if (!a.name.n)
		a.name = a.login;
	TRY(read_password(t, &password, &is_made));
	TRY(password_hash(t->cx, &password_cost_default, password, &a.password_hash));
	held_roles(t, a.org, &roles);
	TRY(db_begin(t->cx, t->db, DB_WRITE));
	TRY(account_add(t->cx, t->db, &t->tree, &a));
	TRY(account_set_roles(t->cx, t->db, t->place->pack, &t->tree, a.login, &roles));
	TRY(db_commit(t->cx, t->db));
	if (is_made)
		printf(STR_FMT "\n", STR_ARG(password));
	return ERR_OK;
}

static enum err set_roles(struct task *t)
{
	struct account_get_row a;
	struct roles_held roles;
	bool is_found;

	TRY(account_get(t->cx, t->db, &(struct account_get_in){t->login}, &a, &is_found));
	held_roles(t, is_found ? a.org : STR_NONE, &roles);
	TRY(db_begin(t->cx, t->db, DB_WRITE));
	TRY(account_set_roles(t->cx, t->db, t->place->pack, &t->tree, t->login, &roles));
	return db_commit(t->cx, t->db);
}

static enum err passwd(struct task *t)
{
	struct str password, hash;
	bool is_made;

	TRY(read_password(t, &password, &is_made));
	TRY(password_hash(t->cx, &password_cost_default, password, &hash));
	TRY(db_begin(t->cx, t->db, DB_WRITE));
	TRY(account_give_password(t->cx, t->db, &t->rules, t->login, hash,
		!cli_has(t->args, "keep-password"), STR_NONE));
	TRY(db_commit(t->cx, t->db));
	if (is_made)
		printf(STR_FMT "\n", STR_ARG(password));
	return ERR_OK;
}

static enum err set_state(struct task *t, bool is_locked)
{
	TRY(db_begin(t->cx, t->db, DB_WRITE));
	TRY(account_set_state(t->cx, t->db, t->login, is_locked));
	return db_commit(t->cx, t->db);
}

static enum err lock(struct task *t)
{
	return set_state(t, true);
}

static enum err unlock(struct task *t)
{
	return set_state(t, false);
}

static enum err token(struct task *t)
{
	struct str name = cli_get(t->args, "name"), made;
	int64_t days, id;

	TRY(cli_i64(t->cx, t->args, "days", 1, 366, 90, &days));
	TRY(db_begin(t->cx, t->db, DB_WRITE));
	TRY(token_make(
		t->cx, t->db, t->login, name.n ? name : STR("command line"), days, &id, &made));
	TRY(db_commit(t->cx, t->db));
	printf(STR_FMT "\n", STR_ARG(made));
	return ERR_OK;
}

static enum err report_account(struct task *t, const struct account_page_row *a, struct report *r)
{
	struct roles_held roles;
	struct strbuf text;

	TRY(account_roles_of(t->cx, t->db, a->login, &roles));
	strbuf_init(&text, 65536);
	for (size_t k = 0; k < roles.list.count; k++)
		strbuf_printf(&text, "%s" STR_FMT "@" STR_FMT, k ? " " : "",
			STR_ARG(roles.list.items[k].role), STR_ARG(roles.list.items[k].org));
	report_str(r, a->login);
	report_str(r, a->name);
	report_str(r, a->org);
	report_str(r, str_copy(t->cx->mem, strbuf_view(&text)));
	report_str(r, a->state);
	report_z(r, a->must_change ? TR(t->cx, "是", "yes") : "");
	report_z(r, a->second_factor.n ? TR(t->cx, "是", "yes") : "");
	strbuf_reset(&text);
	if (a->last_sign_in_at)
		strbuf_instant(&text, a->last_sign_in_at);
	report_str(r, str_copy(t->cx->mem, strbuf_view(&text)));
	strbuf_release(&text);
	return ERR_OK;
}

static enum err list(struct task *t)
{
	static const struct report_column columns[] = {{"login", "登录名", REPORT_TEXT},
		{"name", "姓名", REPORT_TEXT}, {"org", "机构", REPORT_TEXT},
		{"roles", "角色", REPORT_TEXT}, {"state", "状态", REPORT_TEXT},
		{"must_change", "须改口令", REPORT_TEXT},
		{"second_factor", "动态口令", REPORT_TEXT},
		{"last_sign_in", "上次登录", REPORT_TEXT}};
	struct account_page_in in = {.q = STR(""), .after = STR(""), .limit = 1000000};
	struct account_page_rows rows;
	struct report r;

	TRY(account_page(t->cx, t->db, &in, &rows));
	report_init(&r, t->cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < rows.count; i++)
		TRY(report_account(t, &rows.items[i], &r));
	return report_print(t->cx, &r, t->args);
}

/* A generated place gets an account a role, all with one password that is shown once. */
static enum err samples(struct task *t)
{
	static const struct report_column columns[] = {{"login", "登录名", REPORT_TEXT},
		{"password", "口令", REPORT_TEXT}, {"role", "角色", REPORT_TEXT},
		{"org", "机构", REPORT_TEXT}, {"org_name", "机构名称", REPORT_TEXT}};
	struct str flag, hash, password = password_make(t->cx->mem);
	struct sample_accounts made;
	struct report r;

	TRY(place_get(t->cx, t->place, "is_demo", &flag));
	if (!flag.n)
		return ctx_fail(t->cx, ERR_CONFLICT, "%s",
			TR(t->cx, "这里不是演示数据, 不建演示账号",
				"this is no generated place: no sample accounts here"));
	TRY(password_hash(t->cx, &password_cost_default, password, &hash));
	TRY(db_begin(t->cx, t->db, DB_WRITE));
	TRY(sample_accounts_add(t->cx, t->db, t->place->pack, &t->tree, hash, &made));
	TRY(db_commit(t->cx, t->db));
	report_init(&r, t->cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < made.list.count; i++) {
		report_str(&r, made.list.items[i].login);
		report_str(&r, password);
		report_str(&r, made.list.items[i].title);
		report_str(&r, made.list.items[i].org);
		report_str(&r, made.list.items[i].org_name);
	}
	return report_print(t->cx, &r, t->args);
}

static enum err user(struct ctx *cx, const struct cli_args *args)
{
	static const struct {
		const char *word;
		bool has_login, writes;
		enum err (*run)(struct task *t);
	} words[] = {{"add", true, true, add}, {"list", false, false, list},
		{"lock", true, true, lock}, {"unlock", true, true, unlock},
		{"passwd", true, true, passwd}, {"token", true, true, token},
		{"roles", true, true, set_roles}, {"samples", false, true, samples}};
	struct task t = {.cx = cx, .args = args, .login = cli_word(args, 2)};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!str_is(cli_word(args, 1), words[i].word) ||
			words[i].has_login != (t.login.n > 0))
			continue;
		TRY(place_open(cx, cli_word(args, 0), words[i].writes ? DB_EXISTING : DB_READ_ONLY,
			&t.place));
		t.db = t.place->db;
		TRY(org_tree_load(cx, t.db, cx->mem, &t.tree));
		TRY(auth_rules_load(cx, t.db, &t.rules));
		return words[i].run(&t);
	}
	return ctx_fail(cx, ERR_INVALID,
		"user PLACE list | samples | add|roles|lock|unlock|passwd|token LOGIN");
}

const struct command auth_commands[] = {
	{"user", "PLACE list | samples | add|roles|lock|unlock|passwd|token LOGIN", 2, 3, options,
		"账号: 列出、新建、授权、停用、口令、令牌",
		"accounts: list, add, grant roles, lock, passwords, tokens", user},
	{0},
};
