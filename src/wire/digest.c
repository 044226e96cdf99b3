#include "wire/digest.h"

#include <errno.h>
#include <openssl/evp.h>

struct digest {
	EVP_MD_CTX *md;
	bool has_failed;
};

static void release(void *arg)
{
	struct digest *d = arg;

	EVP_MD_CTX_free(d->md);
	d->md = NULL;
}

enum err digest_begin(struct ctx *cx, enum digest_kind kind, struct digest **out)
{
	struct digest *d = arena_new(cx->mem, struct digest);

	*out = d;
	d->md = EVP_MD_CTX_new();
	arena_defer(cx->mem, release, d);
	if (!d->md ||
		EVP_DigestInit_ex(d->md, kind == DIGEST_SM3 ? EVP_sm3() : EVP_sha256(), NULL) != 1)
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "本机的 OpenSSL 不能计算 %s", "this OpenSSL cannot compute %s"),
			kind == DIGEST_SM3 ? "SM3" : "SHA-256");
	return ERR_OK;
}

void digest_add(struct digest *d, struct str bytes)
{
	d->has_failed |= EVP_DigestUpdate(d->md, bytes.p ? bytes.p : "", bytes.n) != 1;
}

void digest_end(struct digest *d, char out[DIGEST_HEX])
{
	unsigned char bytes[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	d->has_failed |= EVP_DigestFinal_ex(d->md, bytes, &n) != 1;
	/* Only a want of memory fails here, and that aborts everywhere. */
	if (d->has_failed || n != 32)
		abort();
	for (unsigned int i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02x", bytes[i]);
	release(d);
}

enum err digest_bytes(struct ctx *cx, enum digest_kind kind, struct str bytes, char out[DIGEST_HEX])
{
	struct digest *d;

	TRY(digest_begin(cx, kind, &d));
	digest_add(d, bytes);
	digest_end(d, out);
	return ERR_OK;
}

enum err digest_file(struct ctx *cx, enum digest_kind kind, const char *path, char out[DIGEST_HEX])
{
	char block[65536];
	struct digest *d;
	size_t n;
	FILE *f;
	bool is_bad;

	TRY(digest_begin(cx, kind, &d));
	f = fopen(path, "rb");
	if (!f)
		return ctx_fail(cx, ERR_IO, TR(cx, "打不开 %s: %s", "cannot open %s: %s"), path,
			strerror(errno));
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		digest_add(d, (struct str){block, n});
	is_bad = ferror(f) != 0;
	fclose(f);
	digest_end(d, out);
	if (is_bad)
		return ctx_fail(cx, ERR_IO, TR(cx, "读 %s 出错", "reading %s failed"), path);
	return ERR_OK;
}
