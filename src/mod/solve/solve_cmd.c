#include "mod/solve/solve_cmd.h"

#include "mod/solve/solve_internal.h"

#include <time.h>

double solve_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

enum err solve_reject(struct ctx *cx, const struct problems *ps, const char *path)
{
	struct strbuf b;

	strbuf_init(&b, STRBUF_MAX);
	problems_format(ps, &b);
	fputs(b.p, stderr);
	strbuf_release(&b);
	return ctx_fail(cx, ERR_REJECTED, TR(cx, "%s: %zu 处错误", "%s: %zu errors"), path,
		ps->error_count);
}

static const struct cli_option none[] = {{NULL, NULL, false, NULL, NULL}};

static const struct cli_option facility_options[] = {
	{"capacity", "N", false, "每个地点的容量（文件没有写时必须给）",
		"capacity of every site (needed where the file leaves it open)"},
	{"time-limit", "S", false, "最多算 S 秒", "stop after S seconds"},
	{"single-source", NULL, false, "每个用户只由一个地点供应",
		"serve each customer from one site"},
	{NULL, NULL, false, NULL, NULL},
};

const struct command solve_commands[] = {
	{"solve flow", "FILE.min", 1, 1, none, "解最小费用流（DIMACS 文件）",
		"solve a minimum-cost flow problem (DIMACS file)", solve_flow},
	{"solve facility", "FILE", 1, 1, facility_options, "解设施选址（OR-Library 文件）",
		"solve capacitated facility location (OR-Library file)", solve_facility},
	{0},
};
