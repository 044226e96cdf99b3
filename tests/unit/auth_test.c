/* Passwords, second factors, and the part of the tree that a role reaches. */
#include "mod/auth/password.h"
#include "mod/auth/rights.h"

#include <setjmp.h>

#include <cmocka.h>

static struct ctx context(void)
{
	return (struct ctx){.mem = arena_create(), .is_english = true};
}

/* RFC 6238, appendix B, SHA-1, the last six digits. */
static void codes_are_those_of_the_standard(void **state)
{
	static const struct {
		int64_t seconds;
		const char *code;
	} cases[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"},
		{1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
	struct str secret = STR("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
	int64_t step;
	char code[7];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t now_us = cases[i].seconds * 1000000;
		totp_code(secret, cases[i].seconds / 30, code);
		assert_string_equal(code, cases[i].code);
		assert_true(totp_fits(secret, str_from(code), now_us, 0, &step));
		assert_false(totp_fits(secret, str_from(code), now_us, step, &step));
		assert_true(totp_fits(secret, str_from(code), now_us + 30000000, 0, &step));
		assert_false(totp_fits(secret, str_from(code), now_us + 60000000, 0, &step));
	}
}

static void passwords_fit_their_own_hash_only(void **state)
{
	static const struct password_cost cheap = {8192 * 8, 1};
	struct ctx cx = context();
	struct str hash, again;

	(void)state;
	assert_int_equal(password_hash(&cx, &cheap, STR("诗 and Numbers 1"), &hash), ERR_OK);
	assert_int_equal(password_hash(&cx, &cheap, STR("诗 and Numbers 1"), &again), ERR_OK);
	assert_false(str_eq(hash, again));
	assert_true(password_fits(hash, STR("诗 and Numbers 1")));
	assert_false(password_fits(hash, STR("诗 and Numbers 2")));
	assert_false(password_fits(STR_NONE, STR("")));
	assert_false(password_fits(STR("$argon2id$nonsense"), STR("x")));
	arena_free(cx.mem);
}

static void made_passwords_keep_the_rules(void **state)
{
	struct auth_rules rules = {.password_min_length = 16, .password_classes = 3};
	struct ctx cx = context();

	(void)state;
	for (int i = 0; i < 200; i++)
		assert_int_equal(
			password_check(&cx, &rules, STR("no-such-login"), password_make(cx.mem)),
			ERR_OK);
	arena_free(cx.mem);
}

/* top > (a > (x, y), b > z) */
static struct org_tree make_tree(struct arena *mem)
{
	static const char *const rows[][3] = {{"a", "top", "a"}, {"b", "top", "b"}, {"top", "", ""},
		{"x", "a", "a"}, {"y", "a", "a"}, {"z", "b", "b"}};
	struct org_tree tree = {.mem = mem, .items = arena_array(mem, struct org, ARRAY_LEN(rows))};

	strmap_init(&tree.by_code, mem);
	strmap_init(&tree.by_alias, mem);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		tree.items[i] = (struct org){.code = str_from(rows[i][0]),
			.parent_code = str_from(rows[i][1]),
			.county = str_from(rows[i][2]),
			.parent = ORG_NONE};
		*strmap_put(&tree.by_code, tree.items[i].code, NULL) = (int64_t)tree.count++;
	}
	for (size_t i = 0; i < tree.count; i++) {
		const int64_t *at = strmap_find(&tree.by_code, tree.items[i].parent_code);
		if (at)
			tree.items[i].parent = (size_t)*at;
	}
	return tree;
}

static void scopes_reach_what_they_say(void **state)
{
	static const struct {
		enum scope_kind kind;
		const char *org, *reached;
	} cases[] = {{SCOPE_ONE, "a", "a"}, {SCOPE_CHILDREN, "a", "axy"}, {SCOPE_BELOW, "a", "axy"},
		{SCOPE_CHILDREN, "top", "abt"}, {SCOPE_BELOW, "z", "z"},
		{SCOPE_EVERYWHERE, "", "abtxyz"}};
	struct arena *mem = arena_create();
	struct org_tree tree = make_tree(mem);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scopes scopes = {0};
		*VEC_PUSH(mem, &scopes.list) =
			(struct scope){cases[i].kind, str_from(cases[i].org)};
		for (size_t k = 0; k < tree.count; k++) {
			bool is_in = strchr(cases[i].reached, tree.items[k].code.p[0]) != NULL;
			if (scopes_have(&scopes, &tree, tree.items[k].code) != is_in)
				fail_msg("case %zu: %s", i, tree.items[k].code.p);
		}
		assert_false(cases[i].kind != SCOPE_EVERYWHERE &&
			     scopes_have(&scopes, &tree, STR("unknown")));
	}
	arena_free(mem);
}

static void asking_for_a_part_never_widens(void **state)
{
	struct arena *mem = arena_create();
	struct org_tree tree = make_tree(mem);

	(void)state;
	for (size_t kind = SCOPE_ONE; kind <= SCOPE_EVERYWHERE; kind++)
		for (size_t s = 0; s < tree.count; s++)
			for (size_t asked = 0; asked < tree.count; asked++) {
				struct str code = tree.items[asked].code;
				struct scopes all = {0}, part;
				*VEC_PUSH(mem, &all.list) =
					(struct scope){(enum scope_kind)kind, tree.items[s].code};
				scopes_within(mem, &all, &tree, code, &part);
				for (size_t k = 0; k < tree.count; k++) {
					struct str org = tree.items[k].code;
					bool wanted = scopes_have(&all, &tree, org) &&
						      org_is_within(&tree, org, code);
					bool given = scopes_have(&part, &tree, org);
					/* Children of an organisation that is asked for itself
					   may be left out, nothing may be let in. */
					assert_false(given && !wanted);
					if (kind != SCOPE_CHILDREN)
						assert_true(given == wanted);
				}
			}
	arena_free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(codes_are_those_of_the_standard),
		cmocka_unit_test(passwords_fit_their_own_hash_only),
		cmocka_unit_test(made_passwords_keep_the_rules),
		cmocka_unit_test(scopes_reach_what_they_say),
		cmocka_unit_test(asking_for_a_part_never_widens)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
