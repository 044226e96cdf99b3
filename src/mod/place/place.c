#include "mod/place/place.h"

#include "db/migrate.h"
#include "mod/audit/audit.h"
#include "wire/digest.h"

static enum err load_files(struct ctx *cx, struct open_place *place, struct pack_files *files)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	TRY(db_prepare(cx, place->db,
		"SELECT f.pack, f.path, f.content FROM pack_file f JOIN pack p ON p.id = f.pack"
		" ORDER BY p.position, f.path",
		&st));
	for (;;) {
		struct pack_file *f;
		struct str pack;
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		pack = db_text(st, 0);
		if (files->packs.count == 0 ||
			!str_eq(files->packs.items[files->packs.count - 1], pack))
			*VEC_PUSH(place->mem, &files->packs) = str_copy(place->mem, pack);
		f = VEC_PUSH(place->mem, &files->list);
		f->pack = files->packs.items[files->packs.count - 1];
		f->path = str_copy(place->mem, db_text(st, 1));
		f->content = str_copy(place->mem, db_blob(st, 2));
	}
	db_release(st);
	return ERR_OK;
}

static enum err make_pack(struct ctx *cx, struct open_place *place, const struct pack_files *files)
{
	struct pack *pack = arena_new(place->mem, struct pack);
	struct problems ps;
	struct strbuf b;

	problems_init(&ps, place->mem);
	ps.is_english = cx->is_english;
	pack_load(files, pack, &ps);
	if (ps.error_count) {
		enum err e;
		strbuf_init(&b, 16384);
		problems_format(&ps, &b);
		e = ctx_fail(cx, ERR_PACK,
			TR(cx, "政策包有 %zu 处错误:\n%s", "the packs have %zu mistakes:\n%s"),
			ps.error_count, b.p ? b.p : "");
		strbuf_release(&b);
		return e;
	}
	place->pack = pack;
	place->files = files;
	return ERR_OK;
}

void place_close(struct open_place *place)
{
	if (!place)
		return;
	*place->handle = NULL;
	db_close(place->db);
	org_tree_forget(&place->orgs);
	arena_free(place->mem);
}

static void close_place(void *arg)
{
	struct open_place **handle = arg;

	place_close(*handle);
}

/* The handle lives in cx->mem, the place in its own memory. */
static struct open_place *new_place(struct ctx *cx, struct str url)
{
	struct arena *mem = arena_create();
	struct open_place *place = arena_new(mem, struct open_place);
	struct open_place **handle = arena_new(cx->mem, struct open_place *);

	place->mem = mem;
	place->url = str_copy(mem, url);
	place->handle = handle;
	*handle = place;
	arena_defer(cx->mem, close_place, handle);
	return place;
}

static enum err load_place(struct ctx *cx, struct open_place *place)
{
	struct pack_files *files = arena_new(place->mem, struct pack_files);

	TRY(load_files(cx, place, files));
	return make_pack(cx, place, files);
}

enum err place_open(struct ctx *cx, struct str url, enum db_mode mode, struct open_place **out)
{
	struct open_place *place = new_place(cx, url);

	assert(mode != DB_CREATE);
	*out = place;
	TRY(db_open(cx, url, mode, &place->db));
	TRY(db_check_schema(cx, place->db, &db_migrations));
	return load_place(cx, place);
}

enum err place_create(struct ctx *cx, struct str url, struct open_place **out)
{
	struct open_place *place = new_place(cx, url);

	*out = place;
	TRY(db_open(cx, url, DB_CREATE, &place->db));
	TRY(db_migrate(cx, place->db, &db_migrations, NULL));
	return load_place(cx, place);
}

static enum err insert_file(
	struct ctx *cx, struct db *db, struct db_stmt *st, const struct pack_file *f)
{
	char sha256[DIGEST_HEX];

	TRY(digest_bytes(cx, DIGEST_SHA256, f->content, sha256));
	db_bind_text(st, 1, f->pack);
	db_bind_text(st, 2, f->path);
	db_bind_blob(st, 3, f->content);
	db_bind_text(st, 4, str_from(sha256));
	db_bind_i64(st, 5, cx->now_us);
	return db_run(cx, st, NULL);
}

static enum err insert_pack(struct ctx *cx, const struct open_place *place, struct str id, size_t i)
{
	const struct pack_head *head = pack_find_heads(place->pack, id);
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, place->db,
		"INSERT INTO pack (id, version, title, position, installed_at)"
		" VALUES (:id, :version, :title, :position, :installed_at)",
		&st));
	db_bind_text(st, 1, id);
	db_bind_text(st, 2, head ? head->version.text : STR_NONE);
	db_bind_text(st, 3, head ? head->title.text : STR_NONE);
	db_bind_i64(st, 4, (int64_t)i + 1);
	db_bind_i64(st, 5, cx->now_us);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return ERR_OK;
}

/* The place outlives the caller's files: keep copies. */
static struct pack_files *copy_files(struct arena *mem, const struct pack_files *files)
{
	struct pack_files *copy = arena_new(mem, struct pack_files);

	for (size_t i = 0; i < files->packs.count; i++)
		*VEC_PUSH(mem, &copy->packs) = str_copy(mem, files->packs.items[i]);
	for (size_t i = 0; i < files->list.count; i++) {
		const struct pack_file *f = &files->list.items[i];
		*VEC_PUSH(mem, &copy->list) = (struct pack_file){
			str_copy(mem, f->pack), str_copy(mem, f->path), str_copy(mem, f->content)};
	}
	return copy;
}

enum err place_install(struct ctx *cx, struct open_place *place, const struct pack_files *files)
{
	const struct pack_files *kept = copy_files(place->mem, files);
	struct db_stmt *st = NULL;

	assert(db_in_transaction(place->db));
	TRY(make_pack(cx, place, kept));
	TRY(db_exec(cx, place->db, "DELETE FROM pack_file; DELETE FROM pack;"));
	for (size_t i = 0; i < kept->packs.count; i++)
		TRY(insert_pack(cx, place, kept->packs.items[i], i));
	TRY(db_prepare(cx, place->db,
		"INSERT INTO pack_file (pack, path, content, sha256, installed_at)"
		" VALUES (:pack, :path, :content, :sha256, :installed_at)",
		&st));
	for (size_t i = 0; i < kept->list.count; i++)
		TRY(insert_file(cx, place->db, st, &kept->list.items[i]));
	db_release(st);
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("pack.install"),
			.object = kept->packs.count ? kept->packs.items[kept->packs.count - 1]
						    : STR(""),
			.detail = str_printf(cx->mem, "%zu files", kept->list.count)});
}

enum err place_list_packs(
	struct ctx *cx, const struct open_place *place, struct installed_packs *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = (struct installed_packs){0};
	TRY(db_prepare(cx, place->db,
		"SELECT id, version, title, installed_at,"
		" (SELECT count(*) FROM pack_file f WHERE f.pack = pack.id)"
		" FROM pack ORDER BY position",
		&st));
	for (;;) {
		TRY(db_step(cx, st, &has_row));
		if (!has_row)
			break;
		*VEC_PUSH(cx->mem, &out->list) = (struct installed_pack){
			str_copy(cx->mem, db_text(st, 0)), str_copy(cx->mem, db_text(st, 1)),
			str_copy(cx->mem, db_text(st, 2)), db_i64(st, 3), db_i64(st, 4)};
	}
	db_release(st);
	return ERR_OK;
}

enum err place_get(struct ctx *cx, const struct open_place *place, const char *key, struct str *out)
{
	struct db_stmt *st = NULL;
	bool has_row = false;

	*out = STR_NONE;
	TRY(db_prepare(cx, place->db, "SELECT value FROM meta WHERE key = :key", &st));
	db_bind_text(st, 1, str_from(key));
	TRY(db_step(cx, st, &has_row));
	if (has_row)
		*out = str_copy(cx->mem, db_text(st, 0));
	db_release(st);
	return ERR_OK;
}

enum err place_set(struct ctx *cx, struct open_place *place, const char *key, struct str value)
{
	struct db_stmt *st = NULL;

	TRY(db_prepare(cx, place->db,
		"INSERT INTO meta (key, value) VALUES (:key, :value)"
		" ON CONFLICT (key) DO UPDATE SET value = excluded.value",
		&st));
	db_bind_text(st, 1, str_from(key));
	db_bind_text(st, 2, value);
	TRY(db_run(cx, st, NULL));
	db_release(st);
	return ERR_OK;
}
