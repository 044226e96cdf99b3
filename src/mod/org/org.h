/*
 * The tree of organisations, read whole: a province has some 100,000, a city 4,000. What a code
 * meant before (renamed, merged, closed, reopened, moved) stands in org_event.
 */
#pragma once

#include "db/db.h"
#include "mod/pack/pack.h"

#define ORG_NONE SIZE_MAX

enum org_state { ORG_OPEN, ORG_CLOSED, ORG_MERGED };

struct org {
	struct str code, name, kind, parent_code;
	struct str county, town; /* codes of those ancestors or of itself; "" above them */
	struct str merged_into;  /* "" */
	struct date opened_on, closed_on;
	enum org_state state;
	bool has_point;
	double lon, lat;
	int64_t version;
	size_t parent; /* position in the tree, or ORG_NONE */
};

struct org_tree {
	struct arena *mem;
	struct org *items; /* by code */
	size_t count;
	struct strmap by_code;  /* code -> position */
	struct strmap by_alias; /* codes of other systems -> position */
};

/* Read the tree into mem. */
MUST_CHECK enum err org_tree_load(
	struct ctx *cx, struct db *db, struct arena *mem, struct org_tree *out);
/* A tree that is kept between calls; zero to begin with. */
struct org_tree_kept {
	struct arena *mem;
	struct org_tree tree;
	struct str mark;
};
/*
 * kept->tree is the tree of this moment (of the transaction, where there is one): read again only
 * when it has changed, and then nothing of the former may be used any more.
 */
MUST_CHECK enum err org_tree_keep(struct ctx *cx, struct db *db, struct org_tree_kept *kept);
void org_tree_forget(struct org_tree_kept *kept);
/* NULL when unknown. */
const struct org *org_find(const struct org_tree *tree, struct str code);
/* By code, or by the code that another system gave it. */
const struct org *org_resolve(const struct org_tree *tree, struct str code);
/* Is org the ancestor or below it? Codes that are unknown are nowhere. */
bool org_is_within(const struct org_tree *tree, struct str code, struct str ancestor);
/* Nothing stands below it; org is in the tree. */
bool org_is_leaf(const struct org_tree *tree, const struct org *org);
/* What the tree says of an organisation: name, county, town, kind, county_name, town_name. */
struct str org_attribute(const struct org_tree *tree, struct str code, struct str attribute);
/* The same of one that is found; o is in the tree. */
struct str org_attribute_of(const struct org_tree *tree, const struct org *o, struct str attribute);
/* The code nearest to one that is unknown, or "". */
struct str org_nearest(const struct org_tree *tree, struct str code);

/*
 * How the rows of the registry ledger become the tree. The fields it reads, all text but the
 * dates and decimals: code, name, kind, parent, opened_on, closed_on, merged_into, lon, lat,
 * former_code. Names of fields, like the table, are the platform's own words.
 */
struct org_entry {
	struct str code, name, kind, parent, merged_into, alias;
	struct date opened_on, closed_on;
	bool has_point;
	double lon, lat;
};

struct org_problem {
	size_t entry; /* position in the entries */
	struct str text;
};
struct org_problems {
	VEC(struct org_problem) list;
};

/*
 * Bring the tree to the entries, which are the whole registry: new ones are opened, changed
 * ones get an event (renamed, moved, closed, merged, reopened) dated on_date; one that is no
 * longer among them goes (rows leave the registry only when the import that made them is undone;
 * the caller sees to it that nothing else speaks of it).
 * What must not be is in *problems and then nothing was written: an unknown kind or parent, a
 * parent of a kind that may not have it, a code that is no code of its kind, a circle, the code
 * of a closed one given to another.
 * Needs a write transaction.
 */
MUST_CHECK enum err org_sync(struct ctx *cx, struct db *db, const struct pack *p,
	const struct org_entry *entries, size_t count, struct date on_date,
	struct org_problems *problems);

struct org_event {
	struct str kind, old_value, new_value, note, made_by;
	struct date on_date;
	int64_t made_at;
};
struct org_event_list {
	VEC(struct org_event) list;
};
/* What happened to a code, oldest first. In cx->mem. */
MUST_CHECK enum err org_history(
	struct ctx *cx, struct db *db, struct str code, struct org_event_list *out);
