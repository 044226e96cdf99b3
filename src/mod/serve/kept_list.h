/*
 * A page of what is kept (plans, scenarios), newest first: {"items": […], "next": id|null}. Rows
 * come in batches of descending ids; whoever asks sees those whose area they may read.
 *
 *	kept_list_begin(&list, call);
 *	do {
 *		…rows with ids below list.before…
 *		for (…; i < rows.count && !list.next; i++)
 *			if (kept_list_takes(&list, &scopes, id, area))
 *				…write it…
 *	} while (kept_list_goes_on(&list, last id of the batch, rows.count == its limit));
 *	kept_list_end(&list);
 */
#pragma once

#include "mod/serve/serve_api.h"

struct kept_list {
	struct http_call *call;
	int64_t limit, count;
	int64_t before; /* ids still to come are below */
	int64_t next;   /* where the next page begins; 0: the end is not reached */
};

/* Of the queries `limit` and `after`. */
void kept_list_begin(struct kept_list *l, struct http_call *call);
/* Does the row belong on this page? The first that no longer does sets next. */
bool kept_list_takes(struct kept_list *l, const struct scopes *scopes, int64_t id, struct str area);
/* After a batch: is there another to look through? last: its last id; 0 when it is empty. */
bool kept_list_goes_on(struct kept_list *l, int64_t last, bool was_full);
void kept_list_end(struct kept_list *l);
