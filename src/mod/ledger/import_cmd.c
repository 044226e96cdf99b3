#include "mod/ledger/ledger_cmd.h"

#include "base/num.h"
#include "cli/report.h"
#include "mod/ledger/import.h"
#include "mod/ledger/ledger_cmd_internal.h"

#include <unistd.h>

const struct cli_option import_options[] = {
	{"period", "PERIOD", false, "没有周期列的行属于哪个周期",
		"the period of rows without one of their own"},
	{"sheet", "NAME", false, "工作表, 默认第一个有内容的",
		"the sheet; default: the first with rows"},
	{"dry-run", NULL, false, "只检查, 不写入", "check only, write nothing"},
	{"rejects", "FILE.xlsx", false, "有错时把标注好的工作簿写到这里",
		"where the marked workbook goes when rows are refused"},
	{"undo", "IMPORT-ID", false, "撤销一次导入", "take an import back"},
	{"list", NULL, false, "列出导入记录", "list the imports"},
	{NULL, NULL, false, NULL, NULL},
};

static bool show_progress(void *arg, size_t rows, uint64_t done, uint64_t total)
{
	const struct ctx *cx = arg;

	fprintf(stderr, TR(cx, "\r已读 %zu 行 (%d%%) ", "\r%zu rows read (%d%%) "), rows,
		total ? (int)(100 * done / total) : 0);
	return true;
}

static void print_result(struct ctx *cx, const struct import_result *r, bool is_dry_run)
{
	if (r->blank_cells)
		fprintf(stderr,
			TR(cx, "%zu 个单元格只有空格, 按空处理\n",
				"%zu cells hold nothing but blanks and count as empty\n"),
			r->blank_cells);
	printf(TR(cx, "共 %zu 行: 新增 %zu, 修改 %zu, 未变 %zu",
		       "%zu rows: %zu new, %zu changed, %zu same"),
		r->rows_total, r->rows_new, r->rows_changed, r->rows_same);
	if (is_dry_run)
		printf("%s\n", TR(cx, " (试运行, 未写入)", " (dry run, nothing written)"));
	else
		printf(TR(cx, "; 导入编号 %" PRId64 "\n", "; import %" PRId64 "\n"), r->id);
}

static enum err undo(struct ctx *cx, const struct cli_args *args, struct open_place *place)
{
	struct import_result r;
	int64_t id;

	if (parse_i64(cli_get(args, "undo"), 1, INT64_MAX, &id) != NUM_OK)
		return ctx_fail(cx, ERR_INVALID, "--undo IMPORT-ID");
	TRY(import_undo(cx, place, id, &r));
	printf(TR(cx, "已撤销: 删除新增的 %zu 行, 恢复修改的 %zu 行\n",
		       "taken back: %zu new rows removed, %zu changed rows restored\n"),
		r.rows_new, r.rows_changed);
	return ERR_OK;
}

static enum err list(struct ctx *cx, const struct cli_args *args, const struct open_place *place)
{
	static const struct report_column columns[] = {{"id", "编号", REPORT_TEXT},
		{"ledger", "台账", REPORT_TEXT}, {"file", "文件", REPORT_TEXT},
		{"period", "周期", REPORT_TEXT}, {"rows", "行数", REPORT_NUMBER},
		{"new", "新增", REPORT_NUMBER}, {"changed", "修改", REPORT_NUMBER},
		{"same", "未变", REPORT_NUMBER}, {"state", "状态", REPORT_TEXT},
		{"by", "经办", REPORT_TEXT}, {"at", "时间", REPORT_TEXT}};
	struct import_entries entries;
	struct report r;

	TRY(import_list(cx, place, cli_word(args, 1), 1000, &entries));
	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < entries.list.count; i++) {
		const struct import_entry *e = &entries.list.items[i];
		struct strbuf when;
		report_str(&r, str_printf(cx->mem, "%" PRId64, e->id));
		report_str(&r, e->ledger);
		report_str(&r, e->file_name);
		report_str(&r, e->period);
		report_i64(&r, e->total);
		report_i64(&r, e->fresh);
		report_i64(&r, e->changed);
		report_i64(&r, e->same);
		report_str(&r, e->state);
		report_str(&r, e->made_by);
		strbuf_init(&when, 64);
		strbuf_instant(&when, e->started_at);
		report_str(&r, str_copy(cx->mem, strbuf_view(&when)));
		strbuf_release(&when);
	}
	return report_print(cx, &r, args);
}

static enum err import_file(struct ctx *cx, const struct cli_args *args, struct open_place *place)
{
	struct str name = cli_word(args, 1), file = cli_word(args, 2);
	struct import_request request = {.path = str_z(cx->mem, file),
		.period = cli_get(args, "period"),
		.sheet = cli_get(args, "sheet"),
		.is_dry_run = cli_has(args, "dry-run"),
		.rejects =
			cli_has(args, "rejects") ? str_z(cx->mem, cli_get(args, "rejects")) : NULL};
	struct import_result result;
	struct strbuf b;
	enum err e;

	TRY(find_ledger(cx, place, name, &request.ledger));
	if (!file.n)
		return ctx_fail(cx, ERR_INVALID, "import PLACE LEDGER FILE");
	if (request.period.n && !period_parse(cx->mem, request.period, &request.period))
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "--period 应为周期, 如 2025 或 2025-2026",
				"--period wants a period such as 2025 or 2025-2026"));
	if (isatty(STDERR_FILENO)) {
		request.progress = show_progress;
		request.arg = cx;
	}
	e = import_run(cx, place, &request, &result);
	if (request.progress)
		fputs("\r\033[K", stderr);
	if (result.intake) {
		strbuf_init(&b, STRBUF_MAX);
		intake_format_problems(result.intake, cx->is_english, &b);
		fputs(b.p ? b.p : "", stderr);
		strbuf_release(&b);
	}
	if (result.has_rejects)
		fprintf(stderr, TR(cx, "标注好的工作簿: %s\n", "the marked workbook: %s\n"),
			request.rejects);
	TRY(e);
	print_result(cx, &result, request.is_dry_run);
	return ERR_OK;
}

enum err import_command(struct ctx *cx, const struct cli_args *args)
{
	bool only_reads = cli_has(args, "list") || cli_has(args, "dry-run");
	struct open_place *place;

	TRY(place_open(cx, cli_word(args, 0), only_reads ? DB_READ_ONLY : DB_EXISTING, &place));
	if (cli_has(args, "undo"))
		return undo(cx, args, place);
	if (cli_has(args, "list"))
		return list(cx, args, place);
	return import_file(cx, args, place);
}
