/* /api/backups: made into PLACE/backups while everybody goes on working. */
#include "mod/backup/backup.h"

#include "mod/serve/serve_api.h"

static const struct json_field backup_fields[] = {OUT("name", JT_TEXT), OUT("size", JT_I64),
	OUT("made_at", JT_TEXT), OUT("schema", JT_I64), OUT("sha256", JT_TEXT)};
static const struct json_shape backup_shape = JSON_SHAPE("backup", 0, backup_fields);
static const struct json_field list_fields[] = {OUT_WITH("items", JT_LIST, .of = &backup_shape)};
static const struct json_shape list_shape = JSON_SHAPE("backups", 0, list_fields);

static void write_backup(struct json_writer *w, struct str name, const struct backup_manifest *m)
{
	json_object(w);
	json_field_str(w, "name", name);
	json_field_i64(w, "size", m->size);
	json_field_str(w, "made_at", m->made_at);
	json_field_i64(w, "schema", m->schema);
	json_field_str(w, "sha256", m->sha256);
	json_end_object(w);
}

static enum err get_backups(struct http_call *call)
{
	struct json_writer *w = &call->json;
	struct backup_entries backups;
	const char *folder;

	TRY(backup_folder(&call->cx, service_of(call)->place->url, &folder));
	TRY(backup_list(&call->cx, folder, &backups));
	json_object(w);
	json_key(w, "items");
	json_array(w);
	for (size_t i = 0; i < backups.list.count; i++)
		write_backup(w, backups.list.items[i].name, &backups.list.items[i].manifest);
	json_end_array(w);
	json_end_object(w);
	return ERR_OK;
}

struct made_backup {
	struct str name;
	struct backup_manifest manifest;
};

static enum err note_backup(struct http_call *call)
{
	const struct made_backup *made = call->then_arg;

	TRY(call_note(call, "backup.make", made->name, made->manifest.sha256));
	write_backup(&call->json, made->name, &made->manifest);
	return ERR_OK;
}

static enum err post_backup(struct http_call *call)
{
	struct made_backup *made = arena_new(call->cx.mem, struct made_backup);
	const char *folder, *name = backup_name(&call->cx, "shuren");
	const struct service *s = service_of(call);

	TRY(backup_folder(&call->cx, s->place->url, &folder));
	made->name = str_from(name);
	TRY(backup_make(&call->cx, s->db, arena_printf(call->cx.mem, "%s/%s", folder, name), false,
		&made->manifest));
	call->then = note_backup;
	call->then_arg = made;
	return ERR_OK;
}

const struct route backup_routes[] = {
	{.path = "/api/backups",
		.on = "backups",
		.may = "read",
		.reply = &list_shape,
		.tx = HTTP_READ_ALONE,
		.handle = get_backups,
		.zh = "服务器上的备份",
		.en = "The backups on the server"},
	{.method = HTTP_POST,
		.path = "/api/backups",
		.on = "backups",
		.may = "configure",
		.reply = &backup_shape,
		.tx = HTTP_READ_ALONE,
		.status = 201,
		.handle = post_backup,
		.zh = "现在备份",
		.en = "Back up now"},
	{.path = NULL},
};
