#include "wire/seal.h"

#include <ctype.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>

#define PAD_SIZE    16
#define NONCE_MAX   crypto_aead_xchacha20poly1305_ietf_NPUBBYTES /* 24; SM4 takes 16 */
#define NONCE_HASH  16
#define SM4_IV      16
#define SM3_SIZE    32
#define BASE64      sodium_base64_VARIANT_ORIGINAL_NO_PADDING
#define ID_BYTES    ((SEAL_KEY_ID_SIZE - 1) / 2)
#define MARK_SIZE   2                      /* "~1" */
#define HEAD        (MARK_SIZE + 8)        /* and the id */
#define HEAD_FORMER (3 + SEAL_KEY_ID_SIZE) /* "v1:" id ":" */
#define MIN_CODE    54                     /* 40 bytes: salt, one block, tag */
#define CIPHER_TAG  crypto_aead_xchacha20poly1305_ietf_ABYTES

static const struct {
	enum seal_suite suite;
	const char *name, *mark, *former;
	size_t salt, nonce, tag;
} suites[] = {
	{SEAL_XCHACHA20, "xchacha20", "~1", "v1:", NONCE_MAX - NONCE_HASH, NONCE_MAX, CIPHER_TAG},
	{SEAL_SM4, "sm4", "~2", "v2:", SM4_IV, SM4_IV, SM3_SIZE}};

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

/* Room for n bytes in base64 with its padding and a NUL. */
static size_t base64_room(size_t n)
{
	return (n + 2) / 3 * 4 + 1;
}

/*
 * Without the padding; `to` has base64_room(n). It is no secret any more, so this need not take
 * the same time for all bytes, as libsodium's does, which takes five times as long.
 */
static struct str put_base64(char *to, const unsigned char *p, size_t n)
{
	int size = EVP_EncodeBlock((unsigned char *)to, p, (int)n);

	assert(n <= 2 * SEAL_TEXT_MAX && size >= 0);
	while (size > 0 && to[size - 1] == '=')
		size--;
	to[size] = '\0';
	return (struct str){to, (size_t)size};
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

/* In decimal and a colon, at most 21 bytes: by hand, since a file has a million of them. */
static char *put_length(char *to, size_t n)
{
	char digits[24];
	size_t at = sizeof digits;

	digits[--at] = ':';
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	return put(to, digits + at, sizeof digits - at);
}

/* The length, and the text. */
static char *put_part(char *to, struct str s)
{
	return put(put_length(to, s.n), s.p, s.n);
}

struct str seal_head(const struct seal_key *key, bool is_former, char out[SEAL_HEAD_SIZE])
{
	size_t i = suite_at(key->suite);
	unsigned char id[ID_BYTES];

	static_assert(HEAD_FORMER < SEAL_HEAD_SIZE && HEAD < HEAD_FORMER, "heads fit");
	if (is_former) {
		(void)snprintf(out, SEAL_HEAD_SIZE, "%s%s:", suites[i].former, key->id);
		return (struct str){out, HEAD_FORMER};
	}
	memcpy(out, suites[i].mark, MARK_SIZE);
	if (sodium_hex2bin(id, sizeof id, key->id, SEAL_KEY_ID_SIZE - 1, NULL, NULL, NULL) != 0)
		BUG("the id of a key is no hex");
	(void)put_base64(out + MARK_SIZE, id, sizeof id);
	return (struct str){out, HEAD};
}

/* The head and the context, each part with its length: no two contexts give the same bytes. */
static struct str associated(struct arena *mem, struct str head, const struct seal_context *at)
{
	char *p = arena_alloc(mem, head.n + 3 * 24 + at->of.n + at->field.n + at->row.n), *to;

	to = put(p, head.p, head.n);
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

/* The nonce of XChaCha20: what is authenticated, hashed, and the salt. */
static void nonce_of(struct str extra, const unsigned char *salt, unsigned char out[NONCE_MAX])
{
	if (crypto_generichash(out, NONCE_HASH, (const unsigned char *)extra.p, extra.n, NULL, 0) !=
		0)
		BUG("crypto_generichash");
	memcpy(out + NONCE_HASH, salt, NONCE_MAX - NONCE_HASH);
}

/* ---- sealing ---- */

static void draw_salt(struct seal_salts *salts, unsigned char *out, size_t n)
{
	unsigned char *drawn;

	if (!salts) {
		randombytes_buf(out, n);
		return;
	}
	if (salts->left < n) {
		randombytes_buf(salts->bytes, sizeof salts->bytes);
		salts->left = sizeof salts->bytes;
	}
	salts->left -= n;
	drawn = salts->bytes + salts->left;
	memcpy(out, drawn, n);
}

/* body: the salt, then room for n bytes and the tag. */
static enum err encrypt(struct ctx *cx, const struct seal_key *key, struct str extra,
	const unsigned char *plain, size_t n, unsigned char *body)
{
	size_t salt = suites[suite_at(key->suite)].salt;
	unsigned char nonce[NONCE_MAX];

	if (key->suite == SEAL_SM4) {
		TRY(seal_sm4_ctr(cx, key->cipher, body, plain, n, body + salt));
		return sm4_tag(cx, key, extra, body, salt + n, body + salt + n);
	}
	nonce_of(extra, body, nonce);
	if (crypto_aead_xchacha20poly1305_ietf_encrypt(body + salt, NULL, plain, n,
		    (const unsigned char *)extra.p, extra.n, NULL, nonce, key->cipher) != 0)
		BUG("xchacha20poly1305");
	return ERR_OK;
}

enum err seal_text(struct ctx *cx, struct arena *mem, const struct seal_key *key,
	const struct seal_context *at, struct seal_salts *salts, struct str text, struct str *out)
{
	size_t i = suite_at(key->suite), padded = 0, size;
	char head_text[SEAL_HEAD_SIZE], *sealed;
	const struct str head = seal_head(key, false, head_text);
	unsigned char *plain, *body;
	struct str code;

	if (text.n > SEAL_TEXT_MAX)
		return ctx_fail(cx, ERR_TOO_LARGE, "%s",
			TR(cx, "加密字段太长", "the text of a sealed field is too long"));
	plain = arena_alloc(mem, text.n + PAD_SIZE);
	if (text.n)
		memcpy(plain, text.p, text.n);
	if (sodium_pad(&padded, plain, text.n, PAD_SIZE, text.n + PAD_SIZE) != 0)
		BUG("sodium_pad");
	size = suites[i].salt + padded + suites[i].tag;
	body = arena_alloc(mem, size);
	draw_salt(salts, body, suites[i].salt);
	TRY(encrypt(cx, key, associated(mem, head, at), plain, padded, body));
	sodium_memzero(plain, padded);
	/* The head ends where a group of base64 does: the body goes on behind it. */
	sealed = arena_alloc(mem, head.n + base64_room(size));
	memcpy(sealed, head.p, head.n);
	code = put_base64(sealed + head.n, body, size);
	*out = (struct str){sealed, head.n + code.n};
	return ERR_OK;
}

/* ---- opening ---- */

/* A sealed text taken apart; nothing in it is checked but its shape. */
struct sealed_parts {
	size_t suite; /* in suites */
	bool is_former;
	char key_id[SEAL_KEY_ID_SIZE];
	struct str head, code; /* base64 of the rest */
};

static bool take_former(struct str text, struct sealed_parts *out)
{
	if (text.n <= HEAD_FORMER || text.p[HEAD_FORMER - 1] != ':')
		return false;
	for (size_t i = 0; i < SEAL_KEY_ID_SIZE - 1; i++)
		if (!strchr("0123456789abcdef", text.p[3 + i]))
			return false;
	memcpy(out->key_id, text.p + 3, SEAL_KEY_ID_SIZE - 1);
	out->key_id[SEAL_KEY_ID_SIZE - 1] = '\0';
	out->head = str_sub(text, 0, HEAD_FORMER);
	out->code = str_sub(text, HEAD_FORMER, text.n);
	out->is_former = true;
	return true;
}

static bool take_new(struct str text, struct sealed_parts *out)
{
	unsigned char id[ID_BYTES];
	size_t n = 0;

	if (text.n <= HEAD || sodium_base642bin(id, sizeof id, text.p + MARK_SIZE, HEAD - MARK_SIZE,
				      NULL, &n, NULL, BASE64) != 0)
		return false;
	(void)sodium_bin2hex(out->key_id, sizeof out->key_id, id, n);
	out->head = str_sub(text, 0, HEAD);
	out->code = str_sub(text, HEAD, text.n);
	out->is_former = false;
	return n == sizeof id;
}

static bool take_apart(struct str text, struct sealed_parts *out)
{
	for (size_t i = 0; i < ARRAY_LEN(suites); i++) {
		out->suite = i;
		if (str_starts(text, suites[i].mark))
			return take_new(text, out);
		if (str_starts(text, suites[i].former))
			return take_former(text, out);
	}
	return false;
}

bool seal_is_sealed(struct str text, char out_key_id[SEAL_KEY_ID_SIZE])
{
	struct sealed_parts parts;

	if (!take_apart(text, &parts))
		return false;
	/* Whoever typed a text that begins so wrote no 40 letters of base64 behind it. */
	for (size_t i = 0; i < parts.code.n && !parts.is_former; i++)
		if (!isalnum((unsigned char)parts.code.p[i]) && parts.code.p[i] != '+' &&
			parts.code.p[i] != '/')
			return false;
	if (!parts.is_former && parts.code.n < MIN_CODE)
		return false;
	memcpy(out_key_id, parts.key_id, SEAL_KEY_ID_SIZE);
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

/* The padded text behind body's salt or nonce into plain; false: it is not what was sealed here. */
static enum err decrypt(struct ctx *cx, const struct seal_key *key, struct str extra,
	bool is_former, const unsigned char *body, size_t size, unsigned char *plain,
	bool *out_fits)
{
	size_t i = suite_at(key->suite), salt = is_former ? suites[i].nonce : suites[i].salt;
	unsigned char tag[SM3_SIZE], nonce[NONCE_MAX];

	if (key->suite == SEAL_SM4) {
		TRY(sm4_tag(cx, key, extra, body, size - SM3_SIZE, tag));
		*out_fits = sodium_memcmp(tag, body + size - SM3_SIZE, SM3_SIZE) == 0;
		return *out_fits ? seal_sm4_ctr(cx, key->cipher, body, body + salt,
					   size - salt - SM3_SIZE, plain)
				 : ERR_OK;
	}
	if (!is_former)
		nonce_of(extra, body, nonce);
	*out_fits = crypto_aead_xchacha20poly1305_ietf_decrypt(plain, NULL, NULL, body + salt,
			    size - salt, (const unsigned char *)extra.p, extra.n,
			    is_former ? body : nonce, key->cipher) == 0;
	return ERR_OK;
}

enum err seal_open(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct seal_context *at, struct str sealed, struct str *out)
{
	const struct seal_key *key;
	struct sealed_parts parts;
	size_t size = 0, n = 0, around;
	unsigned char *body, *plain;
	bool fits = false;

	if (!take_apart(sealed, &parts))
		return broken(cx, at);
	key = seal_ring_find(ring, str_from(parts.key_id));
	if (!key)
		return ctx_fail(cx, ERR_CONFLICT,
			TR(cx, "密钥文件里没有密钥 %s, 加密字段打不开",
				"the key file lacks the key %s, without which this sealed field "
				"does not open"),
			parts.key_id);
	around = (parts.is_former ? suites[parts.suite].nonce : suites[parts.suite].salt) +
		 suites[parts.suite].tag;
	body = arena_alloc(mem, parts.code.n + 1);
	if (key->suite != suites[parts.suite].suite ||
		sodium_base642bin(body, parts.code.n, parts.code.p, parts.code.n, NULL, &size, NULL,
			BASE64) != 0 ||
		size < around + PAD_SIZE)
		return broken(cx, at);
	plain = arena_alloc(mem, size + 1);
	TRY(decrypt(cx, key, associated(mem, parts.head, at), parts.is_former, body, size, plain,
		&fits));
	if (!fits || sodium_unpad(&n, plain, size - around, PAD_SIZE) != 0)
		return broken(cx, at);
	plain[n] = '\0';
	*out = bytes_of(plain, n);
	return ERR_OK;
}

/* ---- prints ---- */

enum err seal_print(struct ctx *cx, const struct seal_key *key, struct str name, struct str text,
	unsigned char out[SEAL_PRINT_BYTES])
{
	char length[24], *end = put_length(length, name.n);
	const struct str parts[] = {{length, (size_t)(end - length)}, name, text};
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
	memcpy(out, print, SEAL_PRINT_BYTES);
	return ERR_OK;
}

void seal_print_text(const unsigned char print[SEAL_PRINT_BYTES], char out[SEAL_PRINT_SIZE])
{
	char padded[SEAL_PRINT_SIZE + 2]; /* "==" */

	(void)put_base64(padded, print, SEAL_PRINT_BYTES);
	memcpy(out, padded, SEAL_PRINT_SIZE);
}

void seal_print_hex(const unsigned char print[SEAL_PRINT_BYTES], char out[SEAL_PRINT_HEX])
{
	(void)sodium_bin2hex(out, SEAL_PRINT_HEX, print, SEAL_PRINT_BYTES);
}
