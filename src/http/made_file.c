#include "http/made_file.h"

#include <fcntl.h>
#include <unistd.h>

static const struct {
	const char *ending, *type;
} kinds[] = {[MADE_XLSX] = {"xlsx", XLSX_TYPE},
	[MADE_CSV] = {"csv", CSV_TYPE},
	[MADE_DOCX] = {"docx", DOCX_TYPE},
	[MADE_PDF] = {"pdf", PDF_TYPE}};

enum err made_file_begin(struct http_call *call, enum made_kind kind, struct made_file *out)
{
	*out = (struct made_file){.kind = kind, .folder = "/tmp/shuren-export-XXXXXX"};
	if (!mkdtemp(out->folder))
		return ctx_fail(&call->cx, ERR_IO, "mkdtemp");
	out->path = arena_printf(call->cx.mem, "%s/file.%s", out->folder, kinds[kind].ending);
	return ERR_OK;
}

/* The name goes at once; what is open stays until it is sent. */
static int take(const struct made_file *f)
{
	int fd = open(f->path, O_RDONLY | O_CLOEXEC);

	(void)unlink(f->path);
	(void)rmdir(f->folder);
	return fd;
}

enum err made_file_reply(
	struct http_call *call, const struct made_file *f, enum err made, struct str name)
{
	int fd = take(f);

	if (made == ERR_OK && fd < 0)
		made = ctx_fail(&call->cx, ERR_IO, "open");
	if (made != ERR_OK) {
		if (fd >= 0)
			close(fd);
		return made;
	}
	return http_reply_file(call, fd, kinds[f->kind].type,
		str_printf(call->cx.mem, STR_FMT ".%s", STR_ARG(name), kinds[f->kind].ending));
}
