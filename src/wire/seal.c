#include "wire/seal.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#define PAD_SIZE   16
#define NONCE_MAX  crypto_aead_xchacha20poly1305_ietf_NPUBBYTES /* 24; SM4 takes 16 */
#define SM4_IV     16
#define SM3_SIZE   32
#define BASE64     sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define HEAD_SIZE  (3 + SEAL_KEY_ID_SIZE) /* "v1:" id ":" */
#define CIPHER_TAG crypto_aead_xchacha20poly1305_ietf_ABYTES

static const struct {
	enum seal_suite suite;
	const char *name, *mark;
	size_t nonce, tag;
} suites[] = {{SEAL_XCHACHA20, "xchacha20", "v1:", NONCE_MAX, CIPHER_TAG},
	{SEAL_SM4, "sm4", "v2:", SM4_IV, SM3_SIZE}};

static size_t suite_at(enum seal_suite suite)
{
	return suite == SEAL_SM4;
}

bool seal_suite_parse(struct str name, enum seal_suite *out)
{
	for (size_t i = 0; i < ARRAY_LEN(suites); i++)
		if (str_is(name, suites[i].name)) {
			*out = suites[i].suite;
			return true;
		}
	return false;
}

const char *seal_suite_name(enum seal_suite suite)
{
	return suites[suite_at(suite)].name;
}

/* ---- SM4 and SM3 ---- */

static enum err no_openssl(struct ctx *cx, const char *what)
{
	return ctx_fail(cx, ERR_UNSUPPORTED,
		TR(cx, "本机的 OpenSSL 不能计算 %s", "this OpenSSL cannot compute %s"), what);
}

enum err seal_sm4_ctr(struct ctx *cx, const unsigned char key[16], const unsigned char iv[16],
	const unsigned char *in, size_t n, unsigned char *out)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int done = 0;
	bool is_good = c && n <= 2 * SEAL_TEXT_MAX &&
		       EVP_EncryptInit_ex(c, EVP_sm4_ctr(), NULL, key, iv) == 1 &&
		       EVP_EncryptUpdate(c, out, &done, in, (int)n) == 1;

	EVP_CIPHER_CTX_free(c);
	return is_good && (size_t)done == n ? ERR_OK : no_openssl(cx, "SM4-CTR");
}

enum err seal_hmac_sm3(struct ctx *cx, struct str key, const struct str *parts, size_t count,
	unsigned char out[32])
{
	char name[] = "SM3";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string("digest", name, 0), OSSL_PARAM_construct_end()};
	EVP_MAC *kind = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *mac = kind ? EVP_MAC_CTX_new(kind) : NULL;
	size_t n = 0;
	bool is_good = mac && EVP_MAC_init(mac, (const unsigned char *)key.p, key.n, params) == 1;

	for (size_t i = 0; i < count && is_good; i++)
		is_good = EVP_MAC_update(mac, (const unsigned char *)parts[i].p, parts[i].n) == 1;
	is_good = is_good && EVP_MAC_final(mac, out, &n, SM3_SIZE) == 1 && n == SM3_SIZE;
	EVP_MAC_CTX_free(mac);
	EVP_MAC_free(kind);
	return is_good ? ERR_OK : no_openssl(cx, "HMAC-SM3");
}

static struct str bytes_of(const unsigned char *p, size_t n)
{
	return (struct str){(const char *)p, n};
}

/* ---- keys ---- */

static void wipe_key(void *arg)
{
	sodium_memzero(arg, sizeof(struct seal_key));
}

/* One key for one purpose, out of the master key. */
static enum err derive(struct ctx *cx, const struct seal_key *key, unsigned int purpose,
	const char *name, unsigned char out[SEAL_KEY_SIZE])
{
	const struct str label = str_from(name);

	if (key->suite == SEAL_SM4)
		return seal_hmac_sm3(cx, bytes_of(key->master, SEAL_KEY_SIZE), &label, 1, out);
	if (crypto_kdf_derive_from_key(out, SEAL_KEY_SIZE, purpose, "shrnseal", key->master) != 0)
		BUG("crypto_kdf");
	return ERR_OK;
}

enum err seal_key_of(struct ctx *cx, struct arena *mem, enum seal_suite suite,
	const unsigned char master[SEAL_KEY_SIZE], struct seal_key **out)
{
	struct seal_key *key = arena_new(mem, struct seal_key);
	unsigned char id[SEAL_KEY_SIZE];

	static_assert(crypto_kdf_KEYBYTES == SEAL_KEY_SIZE, "one size of keys");
	if (sodium_init() < 0)
		return ctx_fail(cx, ERR_IO, "libsodium");
	arena_defer(mem, wipe_key, key);
	key->suite = suite;
	memcpy(key->master, master, SEAL_KEY_SIZE);
	TRY(derive(cx, key, 1, "shuren v2 cipher", key->cipher));
	TRY(derive(cx, key, 2, "shuren v2 mac", key->mac));
	TRY(derive(cx, key, 3, "shuren v2 print", key->print));
	TRY(derive(cx, key, 4, "shuren v2 id", id));
	(void)sodium_bin2hex(key->id, sizeof key->id, id, (SEAL_KEY_ID_SIZE - 1) / 2);
	*out = key;
	return ERR_OK;
}

enum err seal_key_new(
	struct ctx *cx, struct arena *mem, enum seal_suite suite, struct seal_key **out)
{
	unsigned char master[SEAL_KEY_SIZE];
	enum err e;

	if (sodium_init() < 0)
		return ctx_fail(cx, ERR_IO, "libsodium");
	randombytes_buf(master, sizeof master);
	e = seal_key_of(cx, mem, suite, master, out);
	sodium_memzero(master, sizeof master);
	if (e == ERR_OK)
		(*out)->made_at = cx->now_us;
	return e;
}

const struct seal_key *seal_ring_find(const struct seal_ring *ring, struct str key_id)
{
	for (size_t i = 0; i < ring->list.count; i++)
		if (str_is(key_id, ring->list.items[i]->id))
			return ring->list.items[i];
	return NULL;
}

/* ---- what is authenticated besides the text ---- */

static char *put(char *to, const char *p, size_t n)
{
	if (n)
		memcpy(to, p, n);
	return to + n;
}

/* The length in decimal, a colon, and the text: by hand, since a file has a million of them. */
static char *put_part(char *to, struct str s)
{
	char digits[24];
	size_t at = sizeof digits, n = s.n;

	digits[--at] = ':';
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	return put(put(to, digits + at, sizeof digits - at), s.p, s.n);
}

/* "v1:KEY-ID:", HEAD_SIZE bytes. */
static char *put_head(char *to, const struct seal_key *key)
{
	to = put(to, suites[suite_at(key->suite)].mark, 3);
	to = put(to, key->id, SEAL_KEY_ID_SIZE - 1);
	return put(to, ":", 1);
}

/* "v1:KEY-ID:" and the context, each part with its length: no two contexts give the same bytes. */
static struct str associated(
	struct arena *mem, const struct seal_key *key, const struct seal_context *at)
{
	char *p = arena_alloc(mem, HEAD_SIZE + 3 * 24 + at->of.n + at->field.n + at->row.n), *to;

	to = put_head(p, key);
	to = put_part(to, at->of);
	to = put_part(to, at->field);
	to = put_part(to, at->row);
	return (struct str){p, (size_t)(to - p)};
}

static enum err sm4_tag(struct ctx *cx, const struct seal_key *key, struct str extra,
	const unsigned char *body, size_t n, unsigned char out[SM3_SIZE])
{
	char length[24];
	const struct str parts[] = {
		{length, (size_t)snprintf(length, sizeof length, "%zu:", extra.n)}, extra,
		bytes_of(body, n)};

	return seal_hmac_sm3(cx, bytes_of(key->mac, SEAL_KEY_SIZE), parts, ARRAY_LEN(parts), out);
}

/* ---- sealing ---- */

/* body: nonce, then room for n bytes and the tag. */
static enum err encrypt(struct ctx *cx, const struct seal_key *key, struct str extra,
	const unsigned char *plain, size_t n, unsigned char *body)
{
	size_t nonce = suites[suite_at(key->suite)].nonce;

	randombytes_buf(body, nonce);
	if (key->suite == SEAL_SM4) {
		TRY(seal_sm4_ctr(cx, key->cipher, body, plain, n, body + nonce));
		return sm4_tag(cx, key, extra, body, nonce + n, body + nonce + n);
	}
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(body + nonce, NULL, plain, n,
		    (const unsigned char *)extra.p, extra.n, NULL, body, key->cipher) != 0)
		BUG("xchacha20poly1305");
	return ERR_OK;
}

enum err seal_text(struct ctx *cx, struct arena *mem, const struct seal_key *key,
	const struct seal_context *at, struct str text, struct str *out)
{
	size_t i = suite_at(key->suite), padded = 0, size, room;
	unsigned char *plain, *body;
	char *sealed;

	if (text.n > SEAL_TEXT_MAX)
		return ctx_fail(cx, ERR_TOO_LARGE, "%s",
			TR(cx, "加密字段太长", "the text of a sealed field is too long"));
	plain = arena_alloc(mem, text.n + PAD_SIZE);
	if (text.n)
		memcpy(plain, text.p, text.n);
	if (sodium_pad(&padded, plain, text.n, PAD_SIZE, text.n + PAD_SIZE) != 0)
		BUG("sodium_pad");
	size = suites[i].nonce + padded + suites[i].tag;
	body = arena_alloc(mem, size);
	TRY(encrypt(cx, key, associated(mem, key, at), plain, padded, body));
	sodium_memzero(plain, padded);
	room = sodium_base64_encoded_len(size, BASE64);
	sealed = arena_alloc(mem, HEAD_SIZE + room);
	(void)put_head(sealed, key);
	(void)sodium_bin2base64(sealed + HEAD_SIZE, room, body, size, BASE64);
	*out = str_from(sealed);
	return ERR_OK;
}

/* ---- opening ---- */

bool seal_is_sealed(struct str text, struct str *out_key_id)
{
	struct str id = str_sub(text, 3, HEAD_SIZE - 1);

	if (text.n <= HEAD_SIZE || text.p[HEAD_SIZE - 1] != ':' ||
		(!str_starts(text, suites[0].mark) && !str_starts(text, suites[1].mark)))
		return false;
	for (size_t i = 0; i < id.n; i++)
		if (!strchr("0123456789abcdef", id.p[i]))
			return false;
	*out_key_id = id;
	return true;
}

static enum err broken(struct ctx *cx, const struct seal_context *at)
{
	return ctx_fail(cx, ERR_STORE,
		TR(cx,
			"加密字段 " STR_FMT "." STR_FMT " (" STR_FMT
			") 打不开: 内容被改动或被搬动过",
			"the sealed field " STR_FMT "." STR_FMT " (" STR_FMT
			") does not open: it was changed or moved"),
		STR_ARG(at->of), STR_ARG(at->field), STR_ARG(at->row));
}

/* The padded text behind body's nonce into plain; false: it is not what was sealed here. */
static enum err decrypt(struct ctx *cx, const struct seal_key *key, struct str extra,
	const unsigned char *body, size_t size, unsigned char *plain, bool *out_fits)
{
	size_t i = suite_at(key->suite), n = size - suites[i].nonce - suites[i].tag;
	unsigned char tag[SM3_SIZE];

	if (key->suite == SEAL_SM4) {
		TRY(sm4_tag(cx, key, extra, body, size - SM3_SIZE, tag));
		*out_fits = sodium_memcmp(tag, body + size - SM3_SIZE, SM3_SIZE) == 0;
		return *out_fits ? seal_sm4_ctr(cx, key->cipher, body, body + SM4_IV, n, plain)
				 : ERR_OK;
	}
	*out_fits = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL,
			    body + suites[i].nonce, size - suites[i].nonce,
			    (const unsigned char *)extra.p, extra.n, body, key->cipher) == 0;
	return ERR_OK;
}

enum err seal_open(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct seal_context *at, struct str sealed, struct str *out)
{
	const struct seal_key *key;
	struct str id, code = str_sub(sealed, HEAD_SIZE, sealed.n);
	size_t size = 0, n = 0, i;
	unsigned char *body, *plain;
	bool fits = false;

	if (!seal_is_sealed(sealed, &id))
		return broken(cx, at);
	key = seal_ring_find(ring, id);
	if (!key)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "密钥文件里没有密钥 " STR_FMT ", 加密字段打不开",
				"the key file lacks the key " STR_FMT
				", without which this sealed field does not open"),
			STR_ARG(id));
	i = suite_at(key->suite);
	body = arena_alloc(mem, code.n);
	if (!str_starts(sealed, suites[i].mark) ||
		sodium_base642bin(body, code.n, code.p, code.n, NULL, &size, NULL, BASE64) != 0 ||
		size < suites[i].nonce + PAD_SIZE + suites[i].tag)
		return broken(cx, at);
	plain = arena_alloc(mem, size + 1);
	TRY(decrypt(cx, key, associated(mem, key, at), body, size, plain, &fits));
	size -= suites[i].nonce + suites[i].tag;
	if (!fits || sodium_unpad(&n, plain, size, PAD_SIZE) != 0)
		return broken(cx, at);
	plain[n] = '\0';
	*out = bytes_of(plain, n);
	return ERR_OK;
}

/* ---- prints ---- */

enum err seal_print(struct ctx *cx, const struct seal_key *key, struct str name, struct str text,
	char out[SEAL_PRINT_SIZE])
{
	char length[24];
	const struct str parts[] = {
		{length, (size_t)snprintf(length, sizeof length, "%zu:", name.n)}, name, text};
	unsigned char print[SM3_SIZE];
	crypto_generichash_state state;

	if (key->suite == SEAL_SM4) {
		TRY(seal_hmac_sm3(
			cx, bytes_of(key->print, SEAL_KEY_SIZE), parts, ARRAY_LEN(parts), print));
	} else {
		(void)crypto_generichash_init(&state, key->print, SEAL_KEY_SIZE, sizeof print);
		for (size_t i = 0; i < ARRAY_LEN(parts); i++)
			(void)crypto_generichash_update(
				&state, (const unsigned char *)parts[i].p, parts[i].n);
		(void)crypto_generichash_final(&state, print, sizeof print);
	}
	(void)sodium_bin2hex(out, SEAL_PRINT_SIZE, print, (SEAL_PRINT_SIZE - 1) / 2);
	return ERR_OK;
}
