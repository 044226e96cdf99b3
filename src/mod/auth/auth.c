#include "mod/auth/auth.h"

#include "base/num.h"
#include "db/id.h"
#include "mod/audit/audit.h"
#include "mod/auth/auth_sql.h"
#include "mod/keys/keys.h"

#define DAY_US    86400000000LL
#define MINUTE_US 60000000LL
#define TOUCH_US  MINUTE_US

static const struct {
	const char *name;
	int64_t value, min, max;
} rule_table[] = {
#define X(name, value, min, max, zh, en) {#name, value, min, max},
	AUTH_RULES(X)
#undef X
};

static int64_t *rule_at(struct auth_rules *rules, size_t i)
{
	return (int64_t *)(void *)rules + i;
}

static size_t rule_index(struct str name)
{
	size_t i = 0;

	while (i < ARRAY_LEN(rule_table) && !str_is(name, rule_table[i].name))
		i++;
	return i;
}

enum err auth_rules_load(struct ctx *cx, struct db *db, struct auth_rules *out)
{
	struct auth_settings_rows rows;

	static_assert(sizeof *out == sizeof(int64_t) * ARRAY_LEN(rule_table), "numbers only");
	for (size_t i = 0; i < ARRAY_LEN(rule_table); i++)
		*rule_at(out, i) = rule_table[i].value;
	TRY(auth_settings(cx, db, &rows));
	for (size_t k = 0; k < rows.count; k++) {
		size_t i = rule_index(str_sub(rows.items[k].key, 5, rows.items[k].key.n));
		int64_t value;
		if (i < ARRAY_LEN(rule_table) && parse_i64(rows.items[k].value, rule_table[i].min,
							 rule_table[i].max, &value) == NUM_OK)
			*rule_at(out, i) = value;
	}
	return ERR_OK;
}

static enum err note(
	struct ctx *cx, struct db *db, const char *action, struct str login, struct str detail)
{
	return audit_append(cx, db,
		&(struct audit_entry){.who = cx->user,
			.action = str_from(action),
			.object = str_printf(cx->mem, "account/" STR_FMT, STR_ARG(login)),
			.detail = detail});
}

enum err auth_rule_set(struct ctx *cx, struct db *db, struct str name, int64_t value)
{
	size_t i = rule_index(name);
	struct db_stmt *st = NULL;

	if (i == ARRAY_LEN(rule_table))
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "没有规则 '" STR_FMT "'", "no rule '" STR_FMT "'"), STR_ARG(name));
	if (value < rule_table[i].min || value > rule_table[i].max)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "%s 应为 %" PRId64 " 到 %" PRId64, "%s is %" PRId64 " to %" PRId64),
			rule_table[i].name, rule_table[i].min, rule_table[i].max);
	TRY(db_prepare(cx, db,
		"INSERT INTO meta (key, value) VALUES (:key, :value)"
		" ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		&st));
	db_bind_text(st, 1, str_printf(cx->mem, "auth.%s", rule_table[i].name));
	db_bind_text(st, 2, str_printf(cx->mem, "%" PRId64, value));
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return audit_append(cx, db,
		&(struct audit_entry){cx->user, STR("rule.change"),
			str_printf(cx->mem, "rule/%s", rule_table[i].name),
			str_printf(cx->mem, "%" PRId64, value)});
}

/* ---- accounts ---- */

static bool login_is_good(struct str login)
{
	for (size_t i = 0; i < login.n; i++) {
		char c = login.p[i];
		bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
		if (!is_letter && (i == 0 || (c != '.' && c != '_' && c != '-')))
			return false;
	}
	return login.n >= 2 && login.n <= 40;
}

static enum err unknown_org(struct ctx *cx, struct str code)
{
	return ctx_fail(cx, ERR_NOT_FOUND,
		TR(cx, "没有机构 '" STR_FMT "'", "no organisation '" STR_FMT "'"), STR_ARG(code));
}

static enum err must_get(
	struct ctx *cx, struct db *db, struct str login, struct account_get_row *out)
{
	bool is_found;

	TRY(account_get(cx, db, &(struct account_get_in){login}, out, &is_found));
	return is_found ? ERR_OK
			: ctx_fail(cx, ERR_NOT_FOUND,
				  TR(cx, "没有账号 '" STR_FMT "'", "no account '" STR_FMT "'"),
				  STR_ARG(login));
}

enum err account_add(
	struct ctx *cx, struct db *db, const struct org_tree *tree, const struct new_account *a)
{
	struct account_get_row former;
	bool is_taken;

	if (!login_is_good(a->login))
		return ctx_fail(cx, ERR_INVALID, "%s",
			TR(cx, "登录名应为 2 到 40 个小写字母、数字或 . _ -",
				"a login has 2 to 40 of a-z, 0-9, '.', '_' and '-'"));
	if (!org_find(tree, a->org))
		return unknown_org(cx, a->org);
	TRY(account_get(cx, db, &(struct account_get_in){a->login}, &former, &is_taken));
	if (is_taken)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "登录名 " STR_FMT " 已有人用", "the login " STR_FMT " is taken"),
			STR_ARG(a->login));
	TRY(account_insert(cx, db,
		&(struct account_insert_in){.login = a->login,
			.name = a->name,
			.org = a->org,
			.password_hash = a->password_hash,
			.must_change = a->must_change,
			.at = cx->now_us,
			.by = cx->user},
		NULL));
	return note(cx, db, "account.add", a->login, a->org);
}

enum err account_edit(struct ctx *cx, struct db *db, const struct org_tree *tree, struct str login,
	struct str name, struct str org)
{
	struct account_get_row a;

	if (org.n && !org_find(tree, org))
		return unknown_org(cx, org);
	TRY(must_get(cx, db, login, &a));
	TRY(account_change(cx, db,
		&(struct account_change_in){.login = login,
			.name = name.n ? name : a.name,
			.org = org.n ? org : a.org,
			.state = a.state,
			.at = cx->now_us,
			.by = cx->user},
		NULL));
	return note(cx, db, "account.change", login, org);
}

enum err account_set_state(struct ctx *cx, struct db *db, struct str login, bool is_locked)
{
	struct account_get_row a;

	TRY(must_get(cx, db, login, &a));
	TRY(account_change(cx, db,
		&(struct account_change_in){.login = login,
			.name = a.name,
			.org = a.org,
			.state = is_locked ? STR("locked") : STR("open"),
			.at = cx->now_us,
			.by = cx->user},
		NULL));
	if (is_locked) {
		TRY(sessions_drop_of(cx, db, &(struct sessions_drop_of_in){login, STR("")}, NULL));
		TRY(tokens_drop_of(cx, db, &(struct tokens_drop_of_in){login}, NULL));
	}
	return note(cx, db, is_locked ? "account.lock" : "account.unlock", login, STR(""));
}

enum err account_give_password(struct ctx *cx, struct db *db, const struct auth_rules *rules,
	struct str login, struct str hash, bool by_hand, struct str but_session)
{
	struct account_get_row a;

	TRY(must_get(cx, db, login, &a));
	if (rules->password_former)
		TRY(former_password_add(cx, db,
			&(struct former_password_add_in){login, cx->now_us, a.password_hash},
			NULL));
	TRY(account_set_password(cx, db,
		&(struct account_set_password_in){login, hash, by_hand, cx->now_us, cx->user},
		NULL));
	TRY(sessions_drop_of(cx, db,
		&(struct sessions_drop_of_in){login, but_session.n ? but_session : STR("")}, NULL));
	return note(cx, db, "account.password", login, by_hand ? STR("reset") : STR("changed"));
}

enum err password_is_former(struct ctx *cx, struct db *db, const struct auth_rules *rules,
	struct str login, struct str password, bool *out)
{
	struct former_passwords_in in = {login, rules->password_former - 1};
	struct former_passwords_rows rows;
	struct account_get_row a;

	*out = false;
	if (rules->password_former == 0)
		return ERR_OK;
	TRY(must_get(cx, db, login, &a));
	TRY(former_passwords(cx, db, &in, &rows));
	*out = password_fits(a.password_hash, password);
	for (size_t i = 0; i < rows.count && !*out; i++)
		*out = password_fits(rows.items[i].password_hash, password);
	return ERR_OK;
}

enum err account_roles_of(struct ctx *cx, struct db *db, struct str login, struct roles_held *out)
{
	struct account_roles_rows rows;

	*out = (struct roles_held){0};
	TRY(account_roles(cx, db, &(struct account_roles_in){login}, &rows));
	for (size_t i = 0; i < rows.count; i++)
		*VEC_PUSH(cx->mem, &out->list) =
			(struct role_held){rows.items[i].role, rows.items[i].org};
	return ERR_OK;
}

enum err account_open_roles(struct ctx *cx, struct db *db, struct str login, struct roles_held *out)
{
	struct account_get_row a;

	TRY(must_get(cx, db, login, &a));
	if (!str_is(a.state, "open"))
		return ctx_fail(cx, ERR_FORBIDDEN,
			TR(cx, "账号 " STR_FMT " 已停用", "the account " STR_FMT " is locked"),
			STR_ARG(login));
	return account_roles_of(cx, db, login, out);
}

enum err account_set_roles(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_tree *tree, struct str login, const struct roles_held *roles)
{
	struct account_get_row a;
	struct strbuf detail;
	struct str text;

	TRY(must_get(cx, db, login, &a));
	TRY(roles_check(cx, p, tree, roles));
	TRY(account_roles_drop(cx, db, &(struct account_roles_drop_in){login}, NULL));
	strbuf_init(&detail, 65536);
	for (size_t i = 0; i < roles->list.count; i++)
		strbuf_printf(&detail, "%s" STR_FMT "@" STR_FMT, i ? " " : "",
			STR_ARG(roles->list.items[i].role), STR_ARG(roles->list.items[i].org));
	text = str_copy(cx->mem, strbuf_view(&detail));
	strbuf_release(&detail);
	for (size_t i = 0; i < roles->list.count; i++)
		TRY(account_role_add(cx, db,
			&(struct account_role_add_in){login, roles->list.items[i].role,
				roles->list.items[i].org, cx->now_us, cx->user},
			NULL));
	TRY(account_bump(cx, db, &(struct account_bump_in){login, cx->now_us, cx->user}, NULL));
	return note(cx, db, "account.roles", login, text);
}

enum err account_second_factor(
	struct ctx *cx, struct open_place *place, struct str login, struct str secret)
{
	struct account_get_row a;
	struct str sealed = STR("");

	TRY(must_get(cx, place->db, login, &a));
	if (secret.n)
		TRY(second_factor_seal(cx, place, login, secret, &sealed));
	TRY(account_set_second_factor(cx, place->db,
		&(struct account_set_second_factor_in){login, sealed, cx->now_us}, NULL));
	return note(
		cx, place->db, "account.second-factor", login, secret.n ? STR("on") : STR("off"));
}

/* ---- signing in ---- */

enum err sign_in_check(struct ctx *cx, const struct open_place *place, struct str login,
	struct str password, struct str code, struct sign_in *out)
{
	struct account_get_row a = {0};
	struct str secret;
	bool fits;

	*out = (struct sign_in){.state = SIGN_IN_WRONG};
	TRY(account_get(cx, place->db, &(struct account_get_in){login}, &a, &out->is_known));
	if (out->is_known && a.locked_until > cx->now_us) {
		out->state = SIGN_IN_PAUSE;
		out->pause_s = (a.locked_until - cx->now_us) / 1000000 + 1;
		return ERR_OK;
	}
	/* Also for an unknown login, which must take as long. */
	fits = password_fits(a.password_hash, password);
	out->second_factor_step = a.second_factor_step;
	if (!out->is_known || !fits || !str_is(a.state, "open")) {
		out->has_failed = out->is_known;
		return ERR_OK;
	}
	if (a.second_factor.n && !code.n) {
		out->state = SIGN_IN_CODE;
		return ERR_OK;
	}
	if (a.second_factor.n) {
		TRY(second_factor_open(cx, place, login, a.second_factor, &secret));
		if (!totp_fits(secret, code, cx->now_us, a.second_factor_step,
			    &out->second_factor_step)) {
			out->has_failed = true;
			return ERR_OK;
		}
	}
	out->state = SIGN_IN_GOOD;
	return ERR_OK;
}

enum err sign_in_failed(struct ctx *cx, struct db *db, const struct auth_rules *rules,
	struct str login, const struct sign_in *tried)
{
	struct account_get_row a;
	bool is_found, is_last;

	if (!tried->has_failed)
		return ERR_OK;
	TRY(account_get(cx, db, &(struct account_get_in){login}, &a, &is_found));
	if (!is_found)
		return ERR_OK;
	is_last = (a.failures + 1) % rules->failures_max == 0;
	TRY(account_failed(cx, db,
		&(struct account_failed_in){
			login, is_last ? cx->now_us + rules->lock_minutes * MINUTE_US : 0},
		NULL));
	return note(cx, db, is_last ? "sign-in.locked" : "sign-in.failed", login, STR(""));
}

enum err token_hash(struct ctx *cx, struct str token, struct str *out)
{
	char hex[DIGEST_HEX];

	TRY(digest_bytes(cx, DIGEST_SHA256, token, hex));
	*out = str_from(arena_strz(cx->mem, hex));
	return ERR_OK;
}

enum err sign_in_done(struct ctx *cx, struct db *db, struct str login, const struct sign_in *tried,
	struct new_session *out)
{
	struct account_get_row a;

	TRY(must_get(cx, db, login, &a));
	/* It may have been locked, or its code used, since it was looked at. */
	if (!str_is(a.state, "open") || a.locked_until > cx->now_us ||
		(a.second_factor.n && a.second_factor_step >= tried->second_factor_step))
		return ctx_fail(cx, ERR_FORBIDDEN, "%s", TR(cx, "请重新登录", "sign in again"));
	out->token = random_token(cx->mem, 32);
	out->csrf = random_token(cx->mem, 24);
	TRY(token_hash(cx, out->token, &out->hash));
	TRY(session_add(
		cx, db, &(struct session_add_in){out->hash, login, out->csrf, cx->now_us}, NULL));
	TRY(account_signed_in(cx, db,
		&(struct account_signed_in_in){login, cx->now_us, tried->second_factor_step},
		NULL));
	return note(cx, db, "sign-in", login, STR(""));
}

enum err sign_out(struct ctx *cx, struct db *db, struct str login, struct str hash)
{
	TRY(session_drop(cx, db, &(struct session_drop_in){hash}, NULL));
	return note(cx, db, "sign-out", login, STR(""));
}

static enum err none(struct ctx *cx)
{
	return ctx_fail(cx, ERR_NOT_FOUND, "%s",
		TR(cx, "没有登录, 或登录已过期", "not signed in, or signed out by now"));
}

static enum err find_token(struct ctx *cx, struct db *db, struct session *out)
{
	struct token_get_row t;
	bool is_found;

	TRY(token_get(cx, db, &(struct token_get_in){out->hash}, &t, &is_found));
	if (!is_found || t.expires_at <= cx->now_us || !str_is(t.state, "open"))
		return none(cx);
	out->is_token = true;
	out->login = t.login;
	out->name = t.name;
	out->org = t.org;
	out->expires_at = t.expires_at;
	out->version = t.version;
	out->wants_touch = true;
	return ERR_OK;
}

static enum err find_session(struct ctx *cx, struct db *db, struct session *out)
{
	const struct auth_rules *rules = &out->rules;
	struct session_get_row s;
	bool is_found;

	TRY(session_get(cx, db, &(struct session_get_in){out->hash}, &s, &is_found));
	if (!is_found || !str_is(s.state, "open"))
		return none(cx);
	out->expires_at = s.made_at + rules->session_hours * 60 * MINUTE_US;
	if (out->expires_at <= cx->now_us ||
		s.seen_at + rules->idle_minutes * MINUTE_US <= cx->now_us)
		return none(cx);
	out->login = s.login;
	out->name = s.name;
	out->org = s.org;
	out->csrf = s.csrf;
	out->version = s.version;
	out->must_change = s.must_change ||
			   (rules->password_days &&
				   s.password_at + rules->password_days * DAY_US <= cx->now_us);
	out->has_second_factor = s.second_factor.n > 0;
	out->wants_touch = cx->now_us - s.seen_at > TOUCH_US;
	return ERR_OK;
}

enum err session_find(
	struct ctx *cx, struct db *db, struct str token, bool is_bearer, struct session *out)
{
	*out = (struct session){0};
	TRY(auth_rules_load(cx, db, &out->rules));
	TRY(token_hash(cx, token, &out->hash));
	TRY(is_bearer ? find_token(cx, db, out) : find_session(cx, db, out));
	return account_roles_of(cx, db, out->login, &out->roles);
}

enum err session_without_sign_in(
	struct ctx *cx, struct db *db, struct str login, struct session *out)
{
	struct account_get_row a;

	*out = (struct session){0};
	TRY(auth_rules_load(cx, db, &out->rules));
	TRY(must_get(cx, db, login, &a));
	if (!str_is(a.state, "open"))
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "账号 '" STR_FMT "' 已停用", "account '" STR_FMT "' is locked"),
			STR_ARG(login));
	out->login = a.login;
	out->name = a.name;
	out->org = a.org;
	out->version = a.version;
	return account_roles_of(cx, db, out->login, &out->roles);
}

enum err token_make(struct ctx *cx, struct db *db, struct str login, struct str name, int64_t days,
	int64_t *out_id, struct str *out_token)
{
	struct account_get_row a;
	struct str hash;

	TRY(must_get(cx, db, login, &a));
	*out_token = random_token(cx->mem, 32);
	*out_id = db_new_id(cx, db);
	TRY(token_hash(cx, *out_token, &hash));
	TRY(token_add(cx, db,
		&(struct token_add_in){
			*out_id, login, name, hash, cx->now_us, cx->now_us + days * DAY_US},
		NULL));
	return note(cx, db, "token.add", login, name);
}

enum err sessions_sweep(struct ctx *cx, struct db *db)
{
	struct auth_rules rules;

	TRY(auth_rules_load(cx, db, &rules));
	return sessions_drop_old(cx, db,
		&(struct sessions_drop_old_in){
			.made_before = cx->now_us - rules.session_hours * 60 * MINUTE_US,
			.seen_before = cx->now_us - rules.idle_minutes * MINUTE_US},
		NULL);
}
