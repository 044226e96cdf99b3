/*
 * Minimum-cost flow problems in the DIMACS format:
 *
 *   c a comment
 *   p min NODES ARCS
 *   n NODE SUPPLY                    (nodes from 1; those not named have supply 0)
 *   a FROM TO LOWER UPPER COST
 *
 * All numbers are integers. What is wrong is collected in a struct problems, each with its line;
 * nothing is read from disk here. A text comes whole (dimacs_read) or line by line, which keeps
 * memory to the network itself.
 */
#pragma once

#include "base/err.h"
#include "engine/graph/flow.h"

struct dimacs {
	struct arena *mem;
	struct problems *problems;
	struct str file;
	size_t size; /* of the whole text, bytes */
	int line;
	int problem_line; /* of "p", 0 before it */
	int last_supply_line;
	struct flow *flow;    /* NULL before "p" */
	int32_t arc_count;    /* as "p" says */
	int32_t arc_at;       /* arcs read */
	int32_t *supply_line; /* per node: where it was given, 0: not yet */
	/* Set after dimacs_begin to look at the arcs only, in their order: they are handed to
	 * on_arc(on_arc_to, arc) and not kept; the network of dimacs_end then has none. */
	void (*on_arc)(void *to, const struct flow_arc *a);
	void *on_arc_to;
};

/*
 * Begin a text of `size` bytes; a header that claims more arcs than such a text can hold is
 * refused, so memory stays in proportion. file is for messages; flow and all else live in mem.
 */
void dimacs_begin(
	struct dimacs *d, struct arena *mem, struct problems *ps, struct str file, size_t size);
/* The next line, without or with its line end. */
void dimacs_line(struct dimacs *d, struct str line);
/* The network, or NULL when problems were found (also: no header, arcs missing, supplies that
 * do not add up to 0). */
MUST_CHECK struct flow *dimacs_end(struct dimacs *d);

/* All of it for a text in memory. */
MUST_CHECK struct flow *dimacs_read(
	struct arena *mem, struct problems *ps, struct str file, struct str text);
