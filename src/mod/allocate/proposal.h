/*
 * A plan as rows of the ledger `proposals`, in a file that `shuren import PLACE proposals` takes:
 * kept, compared and approved there.
 */
#pragma once

#include "cli/cli.h"
#include "wire/csv_write.h"

/* --save FILE and --name NAME, for the tables of options. */
#define PROPOSAL_OPTIONS                                                                           \
	{"save", "FILE", false, "把方案写成可导入台账 proposals 的文件",                           \
		"write the plan as a file for the ledger proposals"},                              \
	{                                                                                          \
		"name", "NAME", false, "方案名称 (与 --save 一起)", "its name (with --save)"       \
	}

struct proposal {
	struct csv_writer csv;
	struct str name;
	const char *kind;
	bool is_open; /* false: nobody asked for a file, and rows go nowhere */
};

struct proposal_row {
	struct str county, item, item_name;
	const char *action;
	struct str stage, subject, from, to;
	struct str once, saving; /* decimal text; empty: none */
	struct str reason;
};

/* Fails: INVALID (one option without the other, or a name over 60 characters), IO. */
MUST_CHECK enum err proposal_open(
	struct ctx *cx, const struct cli_args *args, const char *kind, struct proposal *out);
void proposal_add(struct proposal *p, const struct proposal_row *row);
MUST_CHECK enum err proposal_close(struct proposal *p);
