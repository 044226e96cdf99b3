/* The audit log's chain, on both stores. */
#include "db/migrate.h"
#include "db_world.h"
#include "mod/audit/audit.h"
#include "mod/audit/audit_sql.h"

static void append(struct world *w, int n)
{
	OK(db_begin(&w->cx, w->db, DB_WRITE));
	for (int i = 0; i < n; i++)
		OK(audit_append(&w->cx, w->db,
			&(struct audit_entry){STR("head"), STR("row.change"),
				str_printf(w->cx.mem, "a/%d", i), STR("换行\n:3:x")}));
	OK(db_commit(&w->cx, w->db));
}

static struct audit_state verify(struct world *w, struct str head)
{
	struct audit_state state;

	OK(audit_verify(&w->cx, w->db, head, &state));
	return state;
}

static struct world *ready(void **state, int entries)
{
	struct world *w = open_world(state);

	OK(db_migrate(&w->cx, w->db, &db_migrations, NULL));
	if (entries)
		append(w, entries);
	return w;
}

static void an_empty_chain_is_whole(void **state)
{
	struct world *w = ready(state, 0);
	struct audit_state s = verify(w, STR_NONE);

	assert_true(s.is_whole && s.entries == 0 && s.head.n == 0);
}

static void a_chain_longer_than_one_part_is_whole(void **state)
{
	struct world *w = ready(state, 2001);
	struct audit_state s = verify(w, STR_NONE);

	assert_true(s.is_whole && s.entries == 2001);
	assert_true(str_starts(s.head, "sm3:") && s.head.n == 68);
}

static void the_algorithm_may_change_on_the_way(void **state)
{
	struct world *w = ready(state, 2);

	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(audit_choose(&w->cx, w->db, DIGEST_SHA256));
	OK(db_commit(&w->cx, w->db));
	append(w, 2);
	assert_true(verify(w, STR_NONE).is_whole);
	assert_true(str_starts(verify(w, STR_NONE).head, "sha256:"));
}

/* A hash that does not stand on the entry before it: computed aside with sha256sum. */
static void a_hash_can_be_checked_by_other_programs(void **state)
{
	struct world *w = ready(state, 0);
	char hex[DIGEST_HEX];

	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(audit_choose(&w->cx, w->db, DIGEST_SHA256));
	w->cx.now_us = 7;
	OK(audit_append(
		&w->cx, w->db, &(struct audit_entry){STR("a"), STR("b"), STR("c"), STR("d")}));
	OK(db_commit(&w->cx, w->db));
	OK(digest_bytes(&w->cx, DIGEST_SHA256, STR("\n1\n7\n1:a\n1:b\n1:c\n1:d\n"), hex));
	assert_true(str_is(str_sub(verify(w, STR_NONE).head, 7, 100), hex));
}

static void every_tampering_is_found_and_named(void **state)
{
	static const struct {
		const char *sql;
		int64_t broken_at;
		const char *why;
	} cases[] = {
		{"UPDATE audit SET detail = '' WHERE seq = 4", 4, "changed"},
		{"UPDATE audit SET who = 'x' WHERE seq = 1", 1, "changed"},
		{"UPDATE audit SET made_at = made_at + 1 WHERE seq = 9", 9, "changed"},
		{"UPDATE audit SET who = 'headr', action = 'ow.change' WHERE seq = 2", 2,
			"changed"},
		{"DELETE FROM audit WHERE seq = 5", 6, "missing"},
		{"DELETE FROM audit WHERE seq = 1", 2, "missing"},
		{"UPDATE audit SET hash = 'sm3:0' WHERE seq = 3", 3, "no hash"},
		{"UPDATE audit SET previous_hash = 'x' WHERE seq = 7", 7, "follow"},
	};
	struct world *w = ready(state, 10);

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct audit_state s;
		OK(db_begin(&w->cx, w->db, DB_WRITE));
		OK(db_exec(&w->cx, w->db, cases[i].sql));
		s = verify(w, STR_NONE);
		db_rollback(w->db);
		if (s.is_whole || s.broken_at != cases[i].broken_at ||
			str_find(s.reason, str_from(cases[i].why)) == SIZE_MAX)
			fail_msg("%s: %d " STR_FMT, cases[i].sql, (int)s.broken_at,
				STR_ARG(s.reason));
	}
	assert_true(verify(w, STR_NONE).is_whole);
}

static void a_cut_end_shows_against_a_kept_head(void **state)
{
	struct world *w = ready(state, 10);
	struct str head = verify(w, STR_NONE).head;

	append(w, 3);
	assert_true(verify(w, head).is_whole);
	OK(db_exec(&w->cx, w->db, "DELETE FROM audit WHERE seq >= 10"));
	assert_true(verify(w, STR_NONE).is_whole);
	assert_false(verify(w, head).is_whole);
}

static void an_entry_goes_with_its_transaction(void **state)
{
	struct world *w = ready(state, 1);

	OK(db_begin(&w->cx, w->db, DB_WRITE));
	OK(audit_append(&w->cx, w->db, &(struct audit_entry){.action = STR("x")}));
	db_rollback(w->db);
	append(w, 1);
	assert_int_equal(verify(w, STR_NONE).entries, 2);
	assert_true(verify(w, STR_NONE).is_whole);
}

static void every_query_prepares(void **state)
{
	struct world *w = ready(state, 0);

	for (size_t i = 0; i < audit_query_count; i++)
		OK(db_check_query(&w->cx, w->db, audit_queries[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {BOTH(an_empty_chain_is_whole),
		BOTH(a_chain_longer_than_one_part_is_whole),
		BOTH(the_algorithm_may_change_on_the_way),
		BOTH(a_hash_can_be_checked_by_other_programs),
		BOTH(every_tampering_is_found_and_named), BOTH(a_cut_end_shows_against_a_kept_head),
		BOTH(an_entry_goes_with_its_transaction), BOTH(every_query_prepares)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
