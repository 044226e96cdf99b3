#include "mod/serve/kept_list.h"

#define LIMIT_DEFAULT 50

void kept_list_begin(struct kept_list *l, struct http_call *call)
{
	*l = (struct kept_list){.call = call,
		.limit = http_query_i64(call, "limit", LIMIT_DEFAULT),
		.before = http_query_i64(call, "after", INT64_MAX)};
	json_object(&call->json);
	json_key(&call->json, "items");
	json_array(&call->json);
}

bool kept_list_takes(struct kept_list *l, const struct scopes *scopes, int64_t id, struct str area)
{
	if (!scopes_have(scopes, service_of(l->call)->tree, area))
		return false;
	if (l->count == l->limit) {
		l->next = l->before;
		return false;
	}
	l->count++;
	l->before = id;
	return true;
}

bool kept_list_goes_on(struct kept_list *l, int64_t last, bool was_full)
{
	if (l->next)
		return false;
	if (last)
		l->before = last;
	return was_full;
}

void kept_list_end(struct kept_list *l)
{
	json_end_array(&l->call->json);
	json_field_id(&l->call->json, "next", l->next);
	json_end_object(&l->call->json);
}
