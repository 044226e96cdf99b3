#include "mod/allocate/proposal.h"

#define NAME_MAX_RUNES 60

enum err proposal_open(
	struct ctx *cx, const struct cli_args *args, const char *kind, struct proposal *out)
{
	static const char *const columns[] = {"proposal", "kind", "county", "item", "item_name",
		"action", "stage", "subject", "from_value", "to_value", "once", "saving", "reason"};

	*out = (struct proposal){.kind = kind, .name = str_trim(cli_get(args, "name"))};
	if (cli_has(args, "save") != (out->name.n > 0) || utf8_length(out->name) > NAME_MAX_RUNES)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "--save 文件和 --name 方案名称 (至多 %d 字) 要一起给",
				"--save FILE and --name NAME (at most %d characters) go together"),
			NAME_MAX_RUNES);
	if (!cli_has(args, "save"))
		return ERR_OK;
	TRY(csv_writer_open(&out->csv, cx, CSV_FOR_PEOPLE, str_z(cx->mem, cli_get(args, "save"))));
	out->is_open = true;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++)
		csv_write_text(&out->csv, str_from(columns[i]));
	csv_write_row_end(&out->csv);
	return ERR_OK;
}

void proposal_add(struct proposal *p, const struct proposal_row *row)
{
	const struct str texts[] = {p->name, str_from(p->kind), row->county, row->item,
		row->item_name, str_from(row->action), row->stage, row->subject, row->from,
		row->to};

	if (!p->is_open)
		return;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		csv_write_text(&p->csv, texts[i]);
	csv_write_plain(&p->csv, row->once);
	csv_write_plain(&p->csv, row->saving);
	csv_write_text(&p->csv, row->reason);
	csv_write_row_end(&p->csv);
}

enum err proposal_close(struct proposal *p)
{
	return p->is_open ? csv_writer_close(&p->csv) : ERR_OK;
}
