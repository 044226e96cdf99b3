/*
 * Files that are served as they are: the page (web/dist), read whole into memory once, each with
 * its ETag and, where it helps, packed by gzip. No path of a request ever touches the disk.
 */
#pragma once

#include "base/map.h"
#include "base/err.h"

#define PAGES_BYTES_MAX ((size_t)64 << 20)

struct http_page {
	struct str path;          /* "/assets/a.js" */
	struct str content, gzip; /* gzip.p NULL: not packed */
	const char *type, *caching;
	struct str etag; /* with its quotes */
};

struct http_pages {
	struct arena *mem;
	VEC(struct http_page) list;
	struct strmap by_path;
};

void pages_init(struct http_pages *pages, struct arena *mem);
/* All files below dir. Fails: NOT_FOUND (no such folder), IO, TOO_LARGE. */
MUST_CHECK enum err pages_add_folder(struct ctx *cx, struct http_pages *pages, const char *dir);
/* path and content must live as long as the pages. */
MUST_CHECK enum err pages_add(struct ctx *cx, struct http_pages *pages, struct str path,
	struct str content, const char *type, const char *caching);
/* The page of a path; for paths of the application (without a page's file ending) index.html. */
const struct http_page *pages_find(const struct http_pages *pages, struct str path);
/* Is packing worth while for this type? */
bool pages_is_packable(const char *type);
/* gzip of bytes in *out (initialised here; released by the caller). False: not smaller. */
bool pages_pack(struct str bytes, int level, struct strbuf *out);
