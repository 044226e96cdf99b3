/* Folders of packs into memory, bases first. */
#include "mod/pack/pack_internal.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#define FILE_MAX_BYTES ((size_t)16 << 20)
#define FILES_MAX      2000

static enum err read_file(struct ctx *cx, const char *path, struct str *out)
{
	FILE *f = fopen(path, "rb");
	struct strbuf b;
	char block[16384];
	size_t n;
	bool is_bad;

	if (!f)
		return ctx_fail(cx, ERR_IO, TR(cx, "打不开 %s: %s", "cannot open %s: %s"), path,
			strerror(errno));
	strbuf_init(&b, FILE_MAX_BYTES);
	while ((n = fread(block, 1, sizeof block, f)) > 0 && !b.too_long)
		strbuf_add(&b, block, n);
	is_bad = ferror(f) != 0;
	fclose(f);
	*out = str_copy(cx->mem, strbuf_view(&b));
	n = b.too_long;
	strbuf_release(&b);
	if (n)
		return ctx_fail(
			cx, ERR_TOO_LARGE, TR(cx, "%s 超过 16 MB", "%s is over 16 MB"), path);
	if (is_bad)
		return ctx_fail(cx, ERR_IO, TR(cx, "读 %s 出错", "reading %s failed"), path);
	return ERR_OK;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The names in a folder, sorted: the order of files must not depend on the disk. */
static enum err list_folder(struct ctx *cx, const char *dir, char ***out, size_t *count)
{
	DIR *d = opendir(dir);
	VEC(char *) names = {0};
	const struct dirent *e;

	if (!d)
		return ctx_fail(
			cx, ERR_NOT_FOUND, TR(cx, "没有政策包文件夹 %s", "no pack folder %s"), dir);
	while ((e = readdir(d)) != NULL)
		if (e->d_name[0] != '.')
			*VEC_PUSH(cx->mem, &names) = arena_strz(cx->mem, e->d_name);
	closedir(d);
	if (names.count)
		qsort(names.items, names.count, sizeof *names.items, by_name);
	*out = names.items;
	*count = names.count;
	return ERR_OK;
}

static enum err read_tree(struct ctx *cx, struct pack_files *files, struct str pack,
	const char *root, const char *below)
{
	const char *dir = *below ? arena_printf(cx->mem, "%s/%s", root, below) : root;
	char **names = NULL;
	size_t count = 0;

	TRY(list_folder(cx, dir, &names, &count));
	for (size_t i = 0; i < count; i++) {
		const char *path = arena_printf(cx->mem, "%s/%s", dir, names[i]);
		const char *rel =
			arena_printf(cx->mem, "%s%s%s", below, *below ? "/" : "", names[i]);
		struct str name = str_from(names[i]), content = STR_NONE;
		struct stat st;
		if (stat(path, &st) != 0)
			return ctx_fail(cx, ERR_IO, TR(cx, "读不出 %s", "cannot read %s"), path);
		if (S_ISDIR(st.st_mode)) {
			TRY(read_tree(cx, files, pack, root, rel));
			continue;
		}
		if (!str_ends(name, ".yaml") && !str_ends(name, ".csv"))
			continue;
		if (files->list.count >= FILES_MAX)
			return ctx_fail(cx, ERR_TOO_LARGE,
				TR(cx, "政策包文件超过 %d 个", "more than %d pack files"),
				FILES_MAX);
		TRY(read_file(cx, path, &content));
		*VEC_PUSH(cx->mem, &files->list) = (struct pack_file){pack, str_from(rel), content};
	}
	return ERR_OK;
}

/* Read `extends` from pack.yaml alone, so that bases can be loaded first. */
static enum err read_extends(struct ctx *cx, const char *dir, struct located_list *out)
{
	const char *path = arena_printf(cx->mem, "%s/pack.yaml", dir);
	struct problems ps;
	struct yaml_docs docs;
	struct pack_head head = {0};
	struct str text = STR_NONE;
	struct stat st;

	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return ctx_fail(
			cx, ERR_NOT_FOUND, TR(cx, "没有政策包文件夹 %s", "no pack folder %s"), dir);
	if (stat(path, &st) != 0)
		return ctx_fail(cx, ERR_NOT_FOUND,
			TR(cx, "%s 里没有 pack.yaml", "no pack.yaml in %s"), dir);
	TRY(read_file(cx, path, &text));
	problems_init(&ps, cx->mem);
	docs = yaml_parse(str_from(path), text, &ps);
	if (docs.count)
		shape_read(pack_shape(STR("pack")), docs.items[0], &head, &ps);
	*out = head.extends;
	return ERR_OK;
}

static enum err read_with_bases(
	struct ctx *cx, const char *dir, struct pack_files *files, int depth)
{
	struct str path = str_from(dir), id;
	struct located_list bases = {0};
	size_t slash;

	while (path.n > 1 && path.p[path.n - 1] == '/')
		path.n--;
	dir = str_z(cx->mem, path);
	for (slash = path.n; slash > 0 && path.p[slash - 1] != '/';)
		slash--;
	id = str_copy(cx->mem, str_sub(path, slash, path.n));
	for (size_t i = 0; i < files->packs.count; i++)
		if (str_eq(files->packs.items[i], id))
			return ERR_OK;
	if (depth > 8)
		return ctx_fail(cx, ERR_PACK,
			TR(cx, "%s: extends 成环或过深", "%s: extends loops or is too deep"), dir);
	TRY(read_extends(cx, dir, &bases));
	for (size_t i = 0; i < bases.count; i++) {
		struct str parent = str_sub(path, 0, slash);
		TRY(read_with_bases(cx,
			arena_printf(cx->mem, STR_FMT STR_FMT, STR_ARG(parent),
				STR_ARG(bases.items[i].text)),
			files, depth + 1));
	}
	*VEC_PUSH(cx->mem, &files->packs) = id;
	return read_tree(cx, files, id, dir, "");
}

enum err pack_read_folder(struct ctx *cx, const char *dir, struct pack_files *files)
{
	return read_with_bases(cx, dir, files, 0);
}
