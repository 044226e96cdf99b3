/* DIMACS of any bytes: problems with lines, or a network whose answer can be proved. */
#include "engine/graph/dimacs.h"
#include "engine/graph/flow_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void prove(const struct flow *f, struct arena *mem)
{
	int32_t n = flow_node_count(f);
	int64_t *supplies = arena_array(mem, int64_t, n),
		*potentials = arena_array(mem, int64_t, n);
	struct flow_check c;
	struct flow_verdict v;

	for (int32_t u = 0; u < n; u++) {
		supplies[u] = flow_supply(f, u);
		potentials[u] = flow_potential(f, u);
	}
	flow_check_begin(&c, mem, n, supplies, potentials);
	for (int32_t i = 0; i < flow_arc_count(f); i++) {
		struct flow_arc a = flow_get_arc(f, i);
		flow_check_arc(&c, a.from, a.to, a.lower, a.upper, a.cost, flow_on_arc(f, i));
	}
	v = flow_check_end(&c);
	if (!v.is_optimal)
		BUG("an answer without proof");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_create();
	struct problems ps;
	struct flow *f;

	problems_init(&ps, mem);
	f = dimacs_read(mem, &ps, STR("fuzz"), (struct str){(const char *)data, size});
	if (!f && ps.error_count == 0)
		BUG("nothing read and nothing said");
	if (f) {
		enum flow_status status = flow_solve(f);
		if (status == FLOW_OPTIMAL) {
			prove(f, mem);
		} else if (status == FLOW_INFEASIBLE) {
			struct flow_cut cut = flow_explain(f, mem);
			if (cut.need <= cut.capacity)
				BUG("a cut that proves nothing");
		}
	}
	arena_free(mem);
	return 0;
}
