/*
 * Generated minimum-cost flow problems in DIMACS form, for the benchmark beside LEMON:
 *
 *   flow-gen grid|netgen|transport ARCS SEED > FILE.min
 *
 * Each family is built round a flow that exists, so every problem has an answer:
 * grid        a lattice twice as wide as high, supply on the left edge, demand on the right
 * netgen      chains from sources through the middle to sinks, then random arcs, 8 a node
 *             (netgen-dense: as many a node as makes arcs = nodes ^ 1.5)
 * transport   every source to every sink
 */
#include "base/num.h"
#include "base/rng.h"

#define COST_MAX 10000

struct gen {
	struct rng rng;
	int64_t arc_count;
	FILE *out;
};

static void put_arc(struct gen *g, int64_t from, int64_t to, int64_t cap)
{
	fprintf(g->out, "a %" PRId64 " %" PRId64 " 0 %" PRId64 " %" PRId64 "\n", from, to, cap,
		rng_between(&g->rng, 1, COST_MAX));
}

static void grid(struct gen *g)
{
	int64_t high = 2;

	while (2 * (high + 1) * (high + 1) * 4 <= g->arc_count)
		high++;
	int64_t wide = 2 * high, nodes = high * wide;
	int64_t arcs = 2 * (high * (wide - 1) + wide * (high - 1));
	fprintf(g->out, "p min %" PRId64 " %" PRId64 "\n", nodes, arcs);
	int64_t *supply = calloc((size_t)high, sizeof *supply);
	for (int64_t y = 0; y < high; y++) {
		supply[y] = rng_between(&g->rng, 1, 1000);
		fprintf(g->out, "n %" PRId64 " %" PRId64 "\n", y * wide + 1, supply[y]);
		fprintf(g->out, "n %" PRId64 " %" PRId64 "\n", y * wide + wide, -supply[y]);
	}
	for (int64_t y = 0; y < high; y++)
		for (int64_t x = 0; x < wide; x++) {
			int64_t u = y * wide + x + 1;
			if (x + 1 < wide) {
				put_arc(g, u, u + 1, supply[y] + rng_between(&g->rng, 0, 1000));
				put_arc(g, u + 1, u, rng_between(&g->rng, 1, 1000));
			}
			if (y + 1 < high) {
				put_arc(g, u, u + wide, rng_between(&g->rng, 1, 1000));
				put_arc(g, u + wide, u, rng_between(&g->rng, 1, 1000));
			}
		}
	free(supply);
}

static void netgen(struct gen *g, int64_t degree)
{
	int64_t nodes = g->arc_count / degree, ends = nodes / 16;
	int64_t *share = calloc((size_t)ends, sizeof *share);
	int64_t *at = calloc((size_t)ends, sizeof *at);
	int64_t written = 0;

	fprintf(g->out, "p min %" PRId64 " %" PRId64 "\n", nodes, g->arc_count);
	for (int64_t i = 0; i < ends; i++) {
		share[i] = rng_between(&g->rng, 1, 2000);
		at[i] = i + 1;
		fprintf(g->out, "n %" PRId64 " %" PRId64 "\n", i + 1, share[i]);
		fprintf(g->out, "n %" PRId64 " %" PRId64 "\n", nodes - i, -share[i]);
	}
	for (int64_t u = ends + 1; u <= nodes - ends; u++, written++) {
		int64_t i = rng_below(&g->rng, ends);
		put_arc(g, at[i], u, share[i]);
		at[i] = u;
	}
	for (int64_t i = 0; i < ends; i++, written++)
		put_arc(g, at[i], nodes - i, share[i]);
	for (; written < g->arc_count; written++) {
		int64_t u = rng_between(&g->rng, 1, nodes - ends);
		int64_t v = rng_between(&g->rng, ends + 1, nodes);
		put_arc(g, u, v == u ? v + 1 : v, rng_between(&g->rng, 1, 1000));
	}
	free(share);
	free(at);
}

static void transport(struct gen *g)
{
	int64_t ends = 2;

	while ((ends + 1) * (ends + 1) <= g->arc_count)
		ends++;
	fprintf(g->out, "p min %" PRId64 " %" PRId64 "\n", 2 * ends, ends * ends);
	for (int64_t i = 1; i <= ends; i++) {
		int64_t supply = rng_between(&g->rng, 1, 1000);
		fprintf(g->out, "n %" PRId64 " %" PRId64 "\n", i, supply);
		fprintf(g->out, "n %" PRId64 " %" PRId64 "\n", 2 * ends + 1 - i, -supply);
	}
	for (int64_t i = 1; i <= ends; i++)
		for (int64_t j = 1; j <= ends; j++)
			put_arc(g, i, ends + j, 1000000);
}

int main(int argc, char **argv)
{
	struct gen g = {.out = stdout};
	int64_t seed;

	if (argc != 4 || parse_i64(str_from(argv[2]), 100, 100000000, &g.arc_count) != NUM_OK ||
		parse_i64(str_from(argv[3]), 0, INT32_MAX, &seed) != NUM_OK) {
		fputs("flow-gen grid|netgen|netgen-dense|transport ARCS SEED\n", stderr);
		return 2;
	}
	rng_seed(&g.rng, (uint64_t)seed);
	if (str_is(str_from(argv[1]), "grid")) {
		grid(&g);
	} else if (str_is(str_from(argv[1]), "netgen")) {
		netgen(&g, 8);
	} else if (str_is(str_from(argv[1]), "netgen-dense")) {
		int64_t degree = 4;
		while (degree * degree * degree < g.arc_count)
			degree++;
		netgen(&g, degree);
	} else {
		transport(&g);
	}
	return 0;
}
