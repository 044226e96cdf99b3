#include "http/pages.h"

#include "wire/digest.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

void pages_init(struct http_pages *pages, struct arena *mem)
{
	*pages = (struct http_pages){.mem = mem};
	strmap_init(&pages->by_path, mem);
}

bool pages_is_packable(const char *type)
{
	return strncmp(type, "text/", 5) == 0 || strstr(type, "json") ||
	       strstr(type, "javascript") || strstr(type, "svg") || strstr(type, "xml;");
}

bool pages_pack(struct str bytes, int level, struct strbuf *out)
{
	z_stream z = {.next_in = Z_NULL};
	uLong bound;
	bool is_done;
	char *p;

	/* 15 + 16: the largest window, gzip's header. */
	if (bytes.n > (size_t)1 << 30 ||
		deflateInit2(&z, level, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return false;
	bound = deflateBound(&z, (uLong)bytes.n);
	p = malloc(bound);
	if (!p) {
		deflateEnd(&z);
		return false;
	}
	z.next_in = (z_const Bytef *)(uintptr_t)bytes.p;
	z.avail_in = (uInt)bytes.n;
	z.next_out = (Bytef *)p;
	z.avail_out = (uInt)bound;
	is_done = deflate(&z, Z_FINISH) == Z_STREAM_END && z.total_out < bytes.n;
	deflateEnd(&z);
	if (is_done) {
		strbuf_init(out, STRBUF_MAX);
		strbuf_add(out, p, z.total_out);
	}
	free(p);
	return is_done;
}

static const struct {
	const char *end, *type;
} types[] = {{".html", "text/html; charset=utf-8"}, {".js", "text/javascript"},
	{".css", "text/css"}, {".json", "application/json"}, {".svg", "image/svg+xml"},
	{".png", "image/png"}, {".ico", "image/x-icon"}, {".woff2", "font/woff2"},
	{".txt", "text/plain; charset=utf-8"}};

static const char *type_of(struct str path)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_ends(path, types[i].end))
			return types[i].type;
	return "application/octet-stream";
}

static bool is_file_name(struct str path)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (str_ends(path, types[i].end))
			return true;
	return str_ends(path, ".map");
}

enum err pages_add(struct ctx *cx, struct http_pages *pages, struct str path, struct str content,
	const char *type, const char *caching)
{
	struct http_page *page = VEC_PUSH(pages->mem, &pages->list);
	char digest[DIGEST_HEX];
	struct strbuf packed;

	TRY(digest_bytes(cx, DIGEST_SHA256, content, digest));
	*page = (struct http_page){.path = path,
		.content = content,
		.type = type,
		.caching = caching,
		.etag = str_printf(pages->mem, "\"%.32s\"", digest)};
	if (content.n > 1400 && pages_is_packable(type) && pages_pack(content, 9, &packed)) {
		page->gzip = str_copy(pages->mem, strbuf_view(&packed));
		strbuf_release(&packed);
	}
	*strmap_put(&pages->by_path, path, NULL) = (int64_t)pages->list.count;
	return ERR_OK;
}

static enum err read_file(
	struct ctx *cx, struct http_pages *pages, const char *path, struct str *out)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n = 0;
	char *p;

	if (fd < 0 || fstat(fd, &st) != 0 || st.st_size > (off_t)PAGES_BYTES_MAX) {
		if (fd >= 0)
			close(fd);
		return ctx_fail(cx, ERR_IO, TR(cx, "读不出 %s", "cannot read %s"), path);
	}
	p = arena_alloc(pages->mem, (size_t)st.st_size + 1);
	for (off_t at = 0; at < st.st_size; at += n) {
		n = read(fd, p + at, (size_t)(st.st_size - at));
		if (n <= 0)
			break;
	}
	close(fd);
	if (st.st_size && n <= 0)
		return ctx_fail(cx, ERR_IO, TR(cx, "读不出 %s", "cannot read %s"), path);
	*out = (struct str){p, (size_t)st.st_size};
	return ERR_OK;
}

/* Files below /assets/ have a digest in their name: what is behind a name never changes. */
static const char *caching_of(struct str path)
{
	return str_starts(path, "/assets/") ? "public, max-age=31536000, immutable" : "no-cache";
}

static enum err add_folder(struct ctx *cx, struct http_pages *pages, const char *dir,
	const char *below, int depth, size_t *total);

static enum err add_entry(struct ctx *cx, struct http_pages *pages, const char *dir,
	const char *below, const char *name, int depth, size_t *total)
{
	char *path = arena_printf(pages->mem, "%s/%s", dir, name);
	struct str url = str_printf(pages->mem, "%s/%s", below, name);
	struct str content;
	struct stat st;

	if (stat(path, &st) != 0)
		return ctx_fail(cx, ERR_IO, TR(cx, "读不出 %s", "cannot read %s"), path);
	if (S_ISDIR(st.st_mode))
		return depth > 8 ? ERR_OK : add_folder(cx, pages, path, url.p, depth + 1, total);
	if (!S_ISREG(st.st_mode))
		return ERR_OK;
	TRY(read_file(cx, pages, path, &content));
	*total += content.n;
	if (*total > PAGES_BYTES_MAX)
		return ctx_fail(cx, ERR_TOO_LARGE,
			TR(cx, "%s 里的文件太多", "the files in %s are too large"), dir);
	return pages_add(cx, pages, url, content, type_of(url), caching_of(url));
}

static enum err add_folder(struct ctx *cx, struct http_pages *pages, const char *dir,
	const char *below, int depth, size_t *total)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	enum err e = ERR_OK;

	if (!d)
		return ctx_fail(cx, ERR_NOT_FOUND, TR(cx, "没有文件夹 %s", "no folder %s"), dir);
	while (e == ERR_OK && (entry = readdir(d)))
		if (entry->d_name[0] != '.')
			e = add_entry(cx, pages, dir, below, entry->d_name, depth, total);
	closedir(d);
	return e;
}

enum err pages_add_folder(struct ctx *cx, struct http_pages *pages, const char *dir)
{
	size_t total = 0;

	return add_folder(cx, pages, dir, "", 0, &total);
}

static const struct http_page *find(const struct http_pages *pages, struct str path)
{
	const int64_t *at = strmap_find(&pages->by_path, path);

	return at ? &pages->list.items[*at - 1] : NULL;
}

const struct http_page *pages_find(const struct http_pages *pages, struct str path)
{
	const struct http_page *page = find(pages, path);

	if (page)
		return page;
	/* Ids of the application have dots, too: "/indicators/preschool.public_share". */
	return is_file_name(path) ? NULL : find(pages, STR("/index.html"));
}
