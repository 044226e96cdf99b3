/* Promises for an asker. */
#pragma once

#include "mod/plan/promise.h"
#include "mod/serve/serve_api.h"

extern const struct route plan_routes[];

extern const struct json_shape promise_shape;
void write_promise(struct json_writer *w, const struct promise_status *s);
/* The day of the call, which decides what is late. */
struct date call_today(const struct http_call *call);
