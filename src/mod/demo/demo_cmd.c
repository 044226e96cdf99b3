#include "mod/demo/demo_cmd.h"

#include "cli/report.h"
#include "mod/demo/demo.h"
#include "mod/keys/keys_say.h"
#include "mod/ledger/import.h"
#include "mod/setup/setup.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PACK "packs/lvliang-2026"
#define DEMO_FLAG    "is_demo"
#define SEED         2026

static const struct cli_option options[] = {
	{"size", "SIZE", false, "规模: county, city, province", "county, city or province"},
	{"seed", "N", false, "随机数种子, 同样的种子得到同样的数据",
		"the same seed gives the same rows"},
	{"files", "DIR", false, "把台账文件留在这个文件夹",
		"keep the ledgers' files in this folder"},
	{"files-only", NULL, false, "只写文件, 不要存放处", "write the files, no PLACE"},
	{"pack", "DIR", false, "新建存放处或只写文件时用的政策包",
		"the pack, for a new PLACE or with --files-only"},
	{NULL, NULL, false, NULL, NULL},
};

struct task {
	struct open_place *place; /* NULL: files only */
	struct demo_request request;
	struct demo_files files;
	struct pack own_pack;
	struct pack_files own_files;
	bool is_temporary; /* the folder of the files */
};

/* ---- where the files go ------------------------------------------------------------------ */

static enum err make_folder(struct ctx *cx, const char *dir)
{
	if (mkdir(dir, 0777) == 0 || errno == EEXIST)
		return ERR_OK;
	return ctx_fail(cx, ERR_IO, TR(cx, "建不了文件夹 %s：%s", "cannot make folder %s: %s"), dir,
		strerror(errno));
}

static enum err choose_folder(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	const char *base = getenv("TMPDIR");
	char *dir;

	if (cli_has(args, "files")) {
		t->request.dir = str_z(cx->mem, cli_get(args, "files"));
		return make_folder(cx, t->request.dir);
	}
	dir = arena_printf(cx->mem, "%s/shuren-demo-XXXXXX", base && *base ? base : "/tmp");
	if (!mkdtemp(dir))
		return ctx_fail(cx, ERR_IO,
			TR(cx, "建不了文件夹 %s：%s", "cannot make folder %s: %s"), dir,
			strerror(errno));
	t->request.dir = dir;
	t->is_temporary = true;
	return ERR_OK;
}

static void remove_folder(struct ctx *cx, const struct task *t)
{
	if (!t->is_temporary)
		return;
	for (size_t i = 0; i < t->files.list.count; i++)
		(void)unlink(t->files.list.items[i].path);
	(void)unlink(arena_printf(cx->mem, "%s/README.txt", t->request.dir));
	(void)rmdir(t->request.dir);
}

/* ---- into the place ---------------------------------------------------------------------- */

static enum err load_own_pack(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	const char *dir =
		cli_has(args, "pack") ? str_z(cx->mem, cli_get(args, "pack")) : DEFAULT_PACK;

	TRY(pack_read_folder(cx, dir, &t->own_files));
	TRY(pack_load_folder(cx, dir, &t->own_pack));
	t->request.pack = &t->own_pack;
	t->request.files = &t->own_files;
	return ERR_OK;
}

/* Rows that people gave and rows that were made up may not meet. */
static enum err refuse_real_data(struct ctx *cx, const struct open_place *place)
{
	struct import_entries entries;
	struct str flag;

	TRY(place_get(cx, place, DEMO_FLAG, &flag));
	if (flag.n)
		return ERR_OK;
	TRY(import_list(cx, place, STR_NONE, 1000, &entries));
	for (size_t i = 0; i < entries.list.count; i++)
		if (!str_is(entries.list.items[i].ledger, "orgs"))
			return ctx_fail(cx, ERR_CONFLICT, "%s",
				TR(cx, "存放处已有数据, 演示数据要放在新的存放处",
					"the place holds data already; a demo wants a new one"));
	return ERR_OK;
}

static enum err ready_place(struct ctx *cx, const struct cli_args *args, struct task *t)
{
	const char *dirs[] = {
		cli_has(args, "pack") ? str_z(cx->mem, cli_get(args, "pack")) : DEFAULT_PACK};
	struct str url = cli_word(args, 0);
	struct keys_done keys = {0};
	enum err e = place_open(cx, url, DB_EXISTING, &t->place);

	if (e == ERR_NOT_FOUND)
		e = setup_place(cx, url, dirs, 1, &t->place, &keys);
	TRY(e);
	keys_say(cx, &keys);
	t->request.pack = t->place->pack;
	t->request.files = t->place->files;
	return refuse_real_data(cx, t->place);
}

static enum err mark(struct ctx *cx, struct open_place *place)
{
	enum err e;

	TRY(db_begin(cx, place->db, DB_WRITE));
	e = place_set(cx, place, DEMO_FLAG, STR("1"));
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	return e;
}

static enum err import_one(struct ctx *cx, struct open_place *place, const struct demo_file *file)
{
	struct import_request request = {.ledger = file->ledger, .path = file->path};
	struct import_result result;
	struct strbuf b;
	enum err e = import_run(cx, place, &request, &result);

	if (result.intake && intake_problems(result.intake)->list.count) {
		strbuf_init(&b, STRBUF_MAX);
		intake_format_problems(result.intake, cx->is_english, &b);
		fprintf(stderr, "%s:\n%s", file->path, b.p ? b.p : "");
		strbuf_release(&b);
	}
	return e;
}

static enum err fill(struct ctx *cx, struct task *t)
{
	TRY(mark(cx, t->place));
	for (size_t i = 0; i < t->files.list.count; i++) {
		const struct demo_file *file = &t->files.list.items[i];
		fprintf(stderr,
			TR(cx, "导入 " STR_FMT " (%zu 行)\n", "importing " STR_FMT " (%zu rows)\n"),
			STR_ARG(file->ledger->title.text), file->rows);
		TRY(import_one(cx, t->place, file));
	}
	return ERR_OK;
}

static enum err print(struct ctx *cx, const struct cli_args *args, const struct task *t)
{
	static const struct report_column columns[] = {{"ledger", "台账", REPORT_TEXT},
		{"title", "名称", REPORT_TEXT}, {"rows", "行数", REPORT_NUMBER},
		{"file", "文件", REPORT_TEXT}};
	struct report r;

	report_init(&r, cx->mem, columns, ARRAY_LEN(columns));
	for (size_t i = 0; i < t->files.list.count; i++) {
		const struct demo_file *file = &t->files.list.items[i];
		report_str(&r, file->ledger->id.text);
		report_str(&r, file->ledger->title.text);
		report_i64(&r, (int64_t)file->rows);
		t->is_temporary ? report_null(&r) : report_z(&r, file->path);
	}
	return report_print(cx, &r, args);
}

static enum err demo(struct ctx *cx, const struct cli_args *args)
{
	struct task *t = arena_new(cx->mem, struct task);
	bool is_files_only = cli_has(args, "files-only");
	int64_t seed;
	enum err e;

	if (is_files_only ? !cli_has(args, "files") || cli_word(args, 0).n : !cli_word(args, 0).n)
		return ctx_fail(cx, ERR_INVALID, "demo PLACE | demo --files-only --files DIR");
	TRY(cli_i64(cx, args, "seed", 0, INT64_MAX, SEED, &seed));
	TRY(is_files_only ? load_own_pack(cx, args, t) : ready_place(cx, args, t));
	TRY(demo_find(
		cx, t->request.pack, cli_get(args, "size"), &t->request.demo, &t->request.size));
	t->request.seed = (uint64_t)seed;
	TRY(choose_folder(cx, args, t));
	e = demo_write(cx, &t->request, &t->files);
	if (e == ERR_OK && t->place)
		e = fill(cx, t);
	remove_folder(cx, t);
	TRY(e);
	fprintf(stderr, STR_FMT "\n", STR_ARG(t->request.demo->notice.text));
	return print(cx, args, t);
}

const struct command demo_commands[] = {
	{"demo", "PLACE | --files-only --files DIR", 0, 1, options, "生成一座演示城市并导入",
		"fill a place with a generated city", demo},
	{0},
};
