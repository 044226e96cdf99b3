/* Plans of allocation over HTTP: worked out, kept, compared, decided on. */
#pragma once

#include "mod/allocate/allocation.h"
#include "mod/serve/allocation_sql.h"
#include "mod/serve/serve_api.h"

extern const struct route allocation_routes[];        /* list, run, read, drop */
extern const struct route allocation_beside_routes[]; /* options, compare */
extern const struct route allocation_export_routes[];
extern const struct route allocation_move_routes[];

#define PLANS STR("plans") /* the resource that grants speak of */

extern const struct route allocation_job_routes[];
extern const struct job_kind plan_job;

typedef struct allocation_plan_get_row plan_row;

/* Is the request's area one that the asker may plan for, and are name and period right? The period
 * is written as it is kept. Fails: NOT_FOUND (area), INVALID. */
MUST_CHECK enum err plan_check(struct http_call *call, struct allocation_request *request);
struct str plan_request_text(struct http_call *call, const struct allocation_request *request);
/* Keep a plan with its answer. In a write transaction. */
MUST_CHECK enum err plan_keep(struct http_call *call, const struct allocation_request *request,
	const struct allocation_result *result, int64_t *out_id);

/* The ledger that takes the rows of plans, and its flow. Fails: PACK (there are none). */
struct plan_flow {
	const struct pack_ledger *ledger;
	const struct pack_flow *flow;
	struct str start; /* the state that plans begin in */
};
MUST_CHECK enum err plan_flow_find(struct http_call *call, struct plan_flow *out);

/* The plan with the id, in the asker's right to read. Fails: NOT_FOUND. */
MUST_CHECK enum err plan_find_by(struct http_call *call, struct str id, plan_row *out);
/* Its answer, as read. */
MUST_CHECK enum err plan_result(struct http_call *call, int64_t id, const struct json_node **out);

/* The members of a plan in lists. */
extern const struct json_shape plan_item_shape;
MUST_CHECK enum err plan_write_item(
	struct http_call *call, const struct plan_flow *flow, const plan_row *plan);
/* The whole of it, as the reply. */
extern const struct json_shape plan_shape;
MUST_CHECK enum err plan_reply(struct http_call *call, int64_t id);

/* May the asker make this move with the plan now? */
bool plan_may_move(struct http_call *call, const plan_row *plan, const struct pack_move *move);
