/*
 * A file that is made for one reply: a writer that knows only paths (wire/xlsx_write.h) writes
 * it in a folder of its own, then it is sent and gone.
 *
 *   TRY(made_file_begin(call, MADE_XLSX, &f));
 *   return made_file_reply(call, &f, write_it(&call->cx, f.path), STR("权限表"));
 */
#pragma once

#include "http/http.h"

#define XLSX_TYPE "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#define CSV_TYPE  "text/csv; charset=utf-8"
#define DOCX_TYPE "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
#define PDF_TYPE  "application/pdf"

enum made_kind { MADE_XLSX, MADE_CSV, MADE_DOCX, MADE_PDF };

struct made_file {
	enum made_kind kind;
	char folder[40];
	char *path; /* to be written; in call->cx.mem */
};

/* Fails: IO. After it, made_file_reply must be called. */
MUST_CHECK enum err made_file_begin(
	struct http_call *call, enum made_kind kind, struct made_file *out);
/*
 * Reply with the file when `made` says that it was written, offered under `name` with the
 * kind's ending; in any case the path is removed.
 * Fails: made; IO.
 */
MUST_CHECK enum err made_file_reply(
	struct http_call *call, const struct made_file *f, enum err made, struct str name);
