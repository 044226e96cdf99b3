/* /api/backups: made into PLACE/backups while everybody goes on working. */
#include "mod/backup/backup.h"
#include "mod/audit/audit.h"

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

/* ---- as a job ---- */

/* The audit entry is the only write, and short. */
static enum err note_job(struct job_run *run, struct str name, const struct backup_manifest *m)
{
	struct db *db = run->service->db;
	enum err e;

	TRY(job_turn(run));
	e = db_begin(&run->cx, db, DB_WRITE);
	if (e == ERR_OK)
		e = audit_append(&run->cx, db,
			&(struct audit_entry){run->cx.user, STR("backup.make"), name, m->sha256});
	if (e == ERR_OK)
		e = db_commit(&run->cx, db);
	db_rollback(db);
	job_turn_over(run);
	return e;
}

static enum err run_backup(struct job_run *run)
{
	const char *folder, *name = backup_name(&run->cx, "shuren");
	struct backup_manifest m;

	TRY(backup_folder(&run->cx, run->service->place->url, &folder));
	TRY(backup_make(&run->cx, run->service->db,
		arena_printf(run->cx.mem, "%s/%s", folder, name), false, &m));
	TRY(note_job(run, str_from(name), &m));
	TRY(job_progress(run, m.size, m.size));
	job_result_at(run, STR("/api/backups"));
	return ERR_OK;
}

const struct job_kind backup_job = {.name = "backup",
	.zh = "备份",
	.en = "Backup",
	.run = run_backup,
	.max_s = 6 * 3600,
	.tries_max = 1};

static enum err queue_backup(struct http_call *call)
{
	const char *folder;

	TRY(backup_folder(&call->cx, service_of(call)->place->url, &folder));
	return job_queue(call, &(struct new_job){.kind = &backup_job,
				       .title = str_from(TR(&call->cx, "备份", "Backup")),
				       .needs_on = STR("backups"),
				       .needs_may = "configure"});
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
	{.method = HTTP_POST,
		.path = "/api/backups/job",
		.on = "backups",
		.may = "configure",
		.reply = &job_shape,
		.tx = HTTP_WRITE,
		.status = 202,
		.handle = queue_backup,
		.zh = "备份, 作为任务",
		.en = "Back up as a job"},
	{.path = NULL},
};
