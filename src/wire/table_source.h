/* What table_reader.c asks of each kind of file. Internal to wire/. */
#pragma once

#include "wire/table_reader.h"

/* Where bytes come from: a file descriptor, or memory when fd is -1. */
struct table_bytes {
	int fd;
	const char *path; /* NULL for memory */
	struct str memory;
	uint64_t size;
};

struct table_reader {
	const struct table_source *source;
	struct ctx *cx;
	struct table_options opts; /* all limits set */
	struct table_bytes bytes;
	void *state; /* of the source, own malloc */
	struct table_row row;
	bool is_done;
};

struct table_source {
	enum table_kind kind;
	/* Sets reader->state even when it fails: close is called in any case. */
	enum err (*open)(struct table_reader *reader);
	/* Fills reader->row; *out_more is false at the end. */
	enum err (*next)(struct table_reader *reader, bool *out_more);
	void (*close)(struct table_reader *reader);
	struct str (*sheet)(const struct table_reader *reader);
	uint64_t (*total)(const struct table_reader *reader);
	uint64_t (*done)(const struct table_reader *reader);
};

extern const struct table_source csv_source;
extern const struct table_source xlsx_source;

/* Memory of a growable buffer with an owner of its own: aborts when there is none. */
void *table_realloc(void *p, size_t count, size_t size);
