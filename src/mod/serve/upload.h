/* A file that is to be imported into a ledger, and what came of it as JSON. */
#pragma once

#include "mod/ledger/import.h"
#include "mod/ledger/intake.h"
#include "mod/serve/ledger_api.h"

struct upload {
	struct http_call *call;
	const struct stored_ledger *l;
	struct scopes scopes;
	struct import_request request;
	struct import_result result;
};

/*
 * The body of the call as a file for l, with the query's name, period and sheet, cut to where the
 * asker may import. Fails: FORBIDDEN, INVALID.
 */
MUST_CHECK enum err upload_take(
	struct http_call *call, const struct stored_ledger *l, struct upload *u);
/* After import_run: the reply, as a problem document when it was refused. */
void upload_write(struct http_call *call, const struct upload *u, bool is_good, bool is_refused);
extern const struct json_shape import_outcome_shape;
#define UPLOAD_QUERY                                                                               \
	{.name = "name", .type = QUERY_TEXT, .max = 400, .zh = "文件名", .en = "the file's name"}, \
		QUERY("period", "没有周期列的行的周期", "the period of rows without one"),         \
		QUERY("sheet", "工作表", "the sheet")
