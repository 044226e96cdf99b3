/* Inside mod/allocate: the kinds of plan, each filling one result. */
#pragma once

#include "mod/allocate/allocation.h"
#include "mod/org/org.h"

struct allocation {
	struct ctx *cx;
	const struct open_place *place;
	const struct org_tree *tree;
	const struct allocation_request *request;
	const struct allocation_until *until;
	struct dataset ds; /* its pack has the weights laid over */
	struct allocation_result *out;
};

MUST_CHECK enum err allocation_places(struct allocation *a);
MUST_CHECK enum err allocation_teachers(struct allocation *a);
MUST_CHECK enum err allocation_pass(struct allocation *a);
MUST_CHECK enum err allocation_forecast(struct allocation *a);

/* A ledger's rows of the area. */
MUST_CHECK enum err allocation_read(struct allocation *a, const char *ledger);

/* The supposed changes as a table with these columns: name and what of a change stands in it. */
struct allocation_column {
	const char *name;
	size_t offset; /* of a struct str in struct allocation_change */
};
struct table_reader;
MUST_CHECK enum err allocation_changes(struct allocation *a,
	const struct allocation_column *columns, size_t count, struct table_reader **out);

struct str allocation_money(struct arena *mem, int64_t milli);
struct str allocation_whole(struct arena *mem, int64_t v);
