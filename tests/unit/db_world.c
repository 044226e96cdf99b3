#include "db_world.h"

void assert_ok(struct ctx *cx, enum err e, const char *file, int line)
{
	if (e == ERR_OK)
		return;
	print_error("%s:%d: %s: " STR_FMT "\n", file, line, err_slug(e), STR_ARG(cx->error));
	fail();
}

static struct world *world_new(void)
{
	struct arena *mem = arena_create();
	struct world *w = arena_new(mem, struct world);

	w->cx = (struct ctx){.mem = mem, .now_us = INT64_C(1795478400000000), .is_english = true};
	w->folder = arena_strz(mem, "/tmp/shuren-test-XXXXXX");
	assert_non_null(mkdtemp(w->folder));
	return w;
}

int setup_sqlite(void **state)
{
	struct world *w = world_new();

	w->url = arena_printf(w->cx.mem, "%s/place", w->folder);
	OK(db_open(&w->cx, str_from(w->url), DB_CREATE, &w->db));
	*state = w;
	return 0;
}

int setup_postgres(void **state)
{
	const char *server = getenv("SHUREN_TEST_PG");
	struct world *w = world_new();

	*state = w;
	if (!server)
		return 0; /* open_world skips the test */
	/* Programs of the suite run side by side. */
	w->url = arena_printf(w->cx.mem, "%s?schema=test_%d", server, (int)getpid());
	OK(db_open(&w->cx, str_from(w->url), DB_CREATE, &w->db));
	return 0;
}

int teardown_world(void **state)
{
	struct world *w = *state;
	char *command = arena_printf(w->cx.mem, "rm -rf '%s'", w->folder);
	int rc;

	if (w->db && db_dialect(w->db) == DB_POSTGRES)
		OK(db_exec(&w->cx, w->db,
			arena_printf(w->cx.mem, "DROP SCHEMA test_%d CASCADE", (int)getpid())));
	db_close(w->db);
	rc = system(command);
	arena_free(w->cx.mem);
	return rc;
}

struct world *open_world(void **state)
{
	struct world *w = *state;

	if (!w->db)
		skip();
	return w;
}
