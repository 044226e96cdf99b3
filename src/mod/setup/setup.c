#include "mod/setup/setup.h"

#include "mod/ledger/import.h"
#include "mod/ledger/ledger_store.h"
#include "mod/pack/rules.h"

static bool has_pack(const struct pack_files *files, struct str pack)
{
	for (size_t i = 0; i < files->packs.count; i++)
		if (str_eq(files->packs.items[i], pack))
			return true;
	return false;
}

/* Several folders may extend the same base: each pack once, in the order of first need. */
static enum err read_packs(
	struct ctx *cx, const char *const *dirs, size_t dir_count, struct pack_files *files)
{
	for (size_t i = 0; i < dir_count; i++) {
		struct pack_files one = {0};
		size_t had = files->packs.count;
		TRY(pack_read_folder(cx, dirs[i], &one));
		for (size_t k = 0; k < one.packs.count; k++)
			if (!has_pack(files, one.packs.items[k]))
				*VEC_PUSH(cx->mem, &files->packs) = one.packs.items[k];
		for (size_t k = 0; k < one.list.count; k++)
			for (size_t p = had; p < files->packs.count; p++)
				if (str_eq(one.list.items[k].pack, files->packs.items[p]))
					*VEC_PUSH(cx->mem, &files->list) = one.list.items[k];
	}
	return ERR_OK;
}

static enum err check_rules(struct ctx *cx, const struct pack *p)
{
	struct problems ps;
	struct strbuf b;
	enum err e = ERR_OK;

	problems_init(&ps, cx->mem);
	ps.is_english = cx->is_english;
	pack_check_rules(p, &ps);
	if (ps.error_count) {
		strbuf_init(&b, 16384);
		problems_format(&ps, &b);
		e = ctx_fail(cx, ERR_PACK, "%s", b.p ? b.p : "");
		strbuf_release(&b);
	}
	return e;
}

/* What is sealed stays sealed: rows hold no text that a field in the clear could show. */
static enum err check_still_sealed(
	struct ctx *cx, const struct pack *former, const struct pack *now)
{
	for (size_t i = 0; i < former->ledgers.count; i++) {
		const struct pack_ledger *a = &former->ledgers.items[i];
		const struct pack_ledger *b = pack_find_ledgers(now, a->id.text);
		for (size_t f = 0; b && f < a->fields.count; f++) {
			const struct pack_field *was = &a->fields.items[f];
			const struct pack_field *is = ledger_field(b, was->name.text);
			if (!is || was->secrecy != SECRECY_SEALED || is->secrecy == SECRECY_SEALED)
				continue;
			return ctx_fail(cx, ERR_PACK,
				TR(cx,
					"台账 " STR_FMT " 的字段 " STR_FMT
					" 原来加密保存, 不能改为不加密; 请用新的字段名",
					"ledger " STR_FMT ": field " STR_FMT
					" is sealed and stays so; use a new name"),
				STR_ARG(a->id.text), STR_ARG(was->name.text));
		}
	}
	return ERR_OK;
}

static enum err install(struct ctx *cx, struct open_place *place, const struct pack_files *files)
{
	const struct pack *former = place->pack;
	enum err e;

	TRY(db_begin(cx, place->db, DB_WRITE));
	e = place_install(cx, place, files);
	if (e == ERR_OK)
		e = check_rules(cx, place->pack);
	if (e == ERR_OK)
		e = check_still_sealed(cx, former, place->pack);
	if (e == ERR_OK)
		e = ledger_tables_make(cx, place->db, place->pack);
	if (e == ERR_OK)
		e = db_commit(cx, place->db);
	db_rollback(place->db);
	return e;
}

static enum err import_orgs(struct ctx *cx, struct open_place *place, const struct pack_orgs *orgs)
{
	struct import_request request = {.ledger = pack_find_ledgers(place->pack, STR("orgs")),
		.path = str_z(cx->mem, orgs->file.text),
		.bytes = pack_file_find(place->files, orgs->file.text)};
	struct import_result result;
	struct strbuf b;
	enum err e;

	if (!request.ledger)
		return ctx_fail(cx, ERR_PACK, "%s",
			TR(cx, "政策包里没有机构名录 (台账 orgs)",
				"the packs have no registry (ledger orgs)"));
	e = import_run(cx, place, &request, &result);
	if (e != ERR_REJECTED || !result.intake)
		return e;
	strbuf_init(&b, 16384);
	intake_format_problems(result.intake, cx->is_english, &b);
	e = ctx_fail(cx, ERR_PACK, "%s:\n%s", request.path, b.p ? b.p : "");
	strbuf_release(&b);
	return e;
}

enum err setup_place(struct ctx *cx, struct str url, const char *const *dirs, size_t dir_count,
	struct open_place **out, struct keys_done *out_keys)
{
	const struct keys_work work = {.suite = SEAL_XCHACHA20};
	struct pack_files files = {0};
	struct open_place *place;
	bool is_whole;

	TRY(read_packs(cx, dirs, dir_count, &files));
	TRY(place_create(cx, url, &place));
	*out = place;
	/* Before anything changes: what newly is to be sealed could not be. */
	TRY(keys_are_whole(cx, place, &is_whole));
	if (!is_whole)
		TRY(place_keys_to_seal(cx, place, &(struct seal_ring){0}));
	TRY(install(cx, place, &files));
	TRY(keys_ensure(cx, place, &work, out_keys));
	for (size_t i = 0; i < place->pack->orgs.count; i++)
		TRY(import_orgs(cx, place, &place->pack->orgs.items[i]));
	return ERR_OK;
}
