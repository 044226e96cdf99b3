/* Numbers for an asker: which rows they are computed on. */
#pragma once

#include "mod/measure/indicator.h"
#include "mod/serve/serve_api.h"

extern const struct route measure_routes[];
extern const struct route evaluate_routes[];
extern const struct route what_if_routes[];
extern const struct route overview_routes[];
extern const struct route drill_routes[];

struct measure {
	struct http_call *call;
	struct dataset ds;
	struct str within; /* the part of the tree; "" everything */
};

/* The part of the tree asked for by ?org, else the asker's own. Fails: NOT_FOUND, FORBIDDEN. */
MUST_CHECK enum err measure_within(struct http_call *call, struct str resource, struct str *out);
/* For another action than "read". */
MUST_CHECK enum err measure_within_to(struct http_call *call, struct str resource,
	const char *action, struct str org, struct str *out);
MUST_CHECK enum err measure_within_org(
	struct http_call *call, struct str resource, struct str org, struct str *out);
/* By the call's ?org and ?period, inside the right to read `resource`. */
MUST_CHECK enum err measure_begin(struct http_call *call, struct str resource, struct measure *out);
/* For another resource in the same call: rows that were read stay when the right to it reaches as
   far. Fails: as measure_begin. */
MUST_CHECK enum err measure_turn_to(struct measure *m, struct str resource);
/* By a part of the tree that may be read, and a period as people write it (path: whose fault). */
MUST_CHECK enum err measure_begin_at(struct http_call *call, struct str within, struct str period,
	const char *path, struct measure *out);
/* A ledger's rows, read once. */
MUST_CHECK enum err measure_add(struct measure *m, struct str ledger);
MUST_CHECK enum err measure_indicator(struct measure *m, const struct pack_indicator *d,
	struct str by, struct indicator_result *out);

/* The indicator of the path. Fails: NOT_FOUND. */
MUST_CHECK enum err call_indicator(struct http_call *call, const struct pack_indicator **out);
/* "higher", "lower", "neither" is better. */
const char *better_name(const struct pack_indicator *d);
/* "state" and "value". */
void write_indicator_value(struct json_writer *w, const struct indicator_value *v);
