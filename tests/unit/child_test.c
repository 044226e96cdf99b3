/* Children with limits: what they say is heard, and nothing of them lives on. */
#include "base/num.h"
#include "job/child.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

struct heard {
	char lines[2000];
	bool is_wanted;
	bool stops_at_a_line;
};

static void take_line(void *arg, struct str line)
{
	struct heard *h = arg;
	size_t n = strlen(h->lines);

	snprintf(h->lines + n, sizeof h->lines - n, STR_FMT "|", STR_ARG(line));
	if (h->stops_at_a_line)
		h->is_wanted = false;
}

static bool is_wanted(void *arg)
{
	return ((struct heard *)arg)->is_wanted;
}

struct tried {
	struct ctx cx;
	struct heard heard;
	char out[40];
	enum err e;
	int status;
	double seconds;
};

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void begin(struct tried *t)
{
	int fd;

	*t = (struct tried){
		.cx = {.mem = arena_create(), .is_english = true}, .out = "/tmp/child_test.XXXXXX"};
	t->heard.is_wanted = true;
	fd = mkstemp(t->out);
	assert_true(fd >= 0);
	close(fd);
}

static void try_argv(struct tried *t, struct child child, const char *const *argv)
{
	double began = now_s();

	child.argv = argv;
	child.out = t->out;
	child.line = take_line;
	child.is_wanted = is_wanted;
	child.arg = &t->heard;
	t->e = child_run(&t->cx, &child, &t->status);
	t->seconds = now_s() - began;
}

static void try_sh(struct tried *t, struct child child, const char *script)
{
	const char *const argv[] = {"/bin/sh", "-c", script, NULL};

	try_argv(t, child, argv);
}

static void end(struct tried *t)
{
	assert_int_equal(unlink(t->out), 0);
	arena_free(t->cx.mem);
}

static void what_it_says_and_how_it_ends_is_told(void **state)
{
	char written[20] = "";
	struct tried t;
	FILE *f;

	(void)state;
	begin(&t);
	try_sh(&t, (struct child){0},
		"read x; echo out$x; echo one >&2; printf 'two\\rthree' >&2; exit 7");
	assert_int_equal(t.e, ERR_OK);
	assert_int_equal(t.status, 7);
	assert_string_equal(t.heard.lines, "one|two|three|");
	f = fopen(t.out, "re");
	assert_non_null(f);
	assert_non_null(fgets(written, sizeof written, f));
	(void)fclose(f);
	assert_string_equal(written, "out\n");
	end(&t);
}

static void what_takes_too_long_is_killed_with_all_it_started(void **state)
{
	struct tried t;
	int64_t pid;
	struct str line;

	(void)state;
	begin(&t);
	try_sh(&t, (struct child){.wall_ms_max = 400}, "sleep 60 & echo $! >&2; wait");
	assert_int_equal(t.e, ERR_TOO_LARGE);
	assert_true(t.seconds < 20);
	line = str_from(t.heard.lines);
	assert_int_equal(parse_i64(str_cut(&line, '|'), 2, INT32_MAX, &pid), NUM_OK);
	for (int i = 0; i < 200 && kill((pid_t)pid, 0) == 0; i++)
		usleep(10000); /* until its new parent has seen its end */
	assert_int_equal(kill((pid_t)pid, 0), -1);
	assert_int_equal(errno, ESRCH);
	end(&t);
}

static void what_is_not_wanted_is_killed(void **state)
{
	struct tried t;

	(void)state;
	begin(&t);
	t.heard.stops_at_a_line = true;
	try_sh(&t, (struct child){0}, "trap '' TERM INT; echo begun >&2; sleep 60");
	assert_int_equal(t.e, ERR_CANCELLED);
	assert_true(t.seconds < 20);
	end(&t);
}

static void what_eats_memory_is_killed(void **state)
{
	static const char *const argv[] = {"/usr/bin/env", "python3", "-c",
		"import time\na = []\nwhile len(a) < 2000:\n a.append(bytearray(1 << 20)); "
		"time.sleep(.002)",
		NULL};
	struct tried t;

	(void)state;
	begin(&t);
	try_argv(&t, (struct child){.memory_max = (int64_t)100 << 20, .wall_ms_max = 60000}, argv);
	assert_int_equal(t.e, ERR_TOO_LARGE);
	assert_true(str_find(t.cx.error, STR("100 MB")) != SIZE_MAX);
	end(&t);
}

static void a_crash_and_a_missing_program_are_errors(void **state)
{
	static const char *const missing[] = {"/no/such/program", NULL};
	struct tried t;

	(void)state;
	begin(&t);
	try_sh(&t, (struct child){0}, "kill -SEGV $$");
	assert_int_equal(t.e, ERR_STORE);
	try_argv(&t, (struct child){0}, missing);
	assert_int_equal(t.e, ERR_IO);
	end(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_and_how_it_ends_is_told),
		cmocka_unit_test(what_takes_too_long_is_killed_with_all_it_started),
		cmocka_unit_test(what_is_not_wanted_is_killed),
		cmocka_unit_test(what_eats_memory_is_killed),
		cmocka_unit_test(a_crash_and_a_missing_program_are_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
