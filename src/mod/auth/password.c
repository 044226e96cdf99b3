#include "mod/auth/password.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#define TOTP_STEP_US 30000000

const struct password_cost password_cost_default = {(size_t)64 << 20, 2};

static int classes_of(struct str password)
{
	bool has_upper = false, has_lower = false, has_digit = false, has_other = false;

	for (size_t i = 0; i < password.n; i++) {
		char c = password.p[i];
		has_upper |= c >= 'A' && c <= 'Z';
		has_lower |= c >= 'a' && c <= 'z';
		has_digit |= c >= '0' && c <= '9';
		has_other |= !((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9');
	}
	return has_upper + has_lower + has_digit + has_other;
}

static bool is_monotone(struct str password)
{
	size_t same = 1, longest = 1;

	for (size_t i = 1; i < password.n; i++) {
		same = password.p[i] == password.p[i - 1] ? same + 1 : 1;
		longest = MAX(longest, same);
	}
	return longest > 3;
}

enum err password_check(
	struct ctx *cx, const struct auth_rules *rules, struct str login, struct str password)
{
	if ((int64_t)utf8_length(password) < rules->password_min_length || password.n > 200)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "口令应有 %" PRId64 " 到 200 个字符",
				"a password has %" PRId64 " to 200 characters"),
			rules->password_min_length);
	if (classes_of(password) < rules->password_classes)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "大写字母、小写字母、数字、符号至少要有 %" PRId64 " 类",
				"a password has at least %" PRId64
				" of capitals, small letters, digits, signs"),
			rules->password_classes);
	if (login.n && str_find(password, login) != SIZE_MAX)
		return ctx_fail(cx, ERR_REJECTED, "%s",
			TR(cx, "口令里不能有登录名", "a password does not hold the login"));
	if (is_monotone(password))
		return ctx_fail(cx, ERR_REJECTED, "%s",
			TR(cx, "同一字符不能连着超过 3 个",
				"no character more than three times in a row"));
	return ERR_OK;
}

enum err password_hash(
	struct ctx *cx, const struct password_cost *cost, struct str password, struct str *out)
{
	char hash[crypto_pwhash_STRBYTES];

	if (sodium_init() < 0 ||
		crypto_pwhash_str_alg(hash, password.p ? password.p : "", password.n, cost->passes,
			cost->memory, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return ctx_fail(cx, ERR_IO, "%s",
			TR(cx, "内存不够, 口令算不出哈希", "not enough memory to hash a password"));
	*out = str_from(arena_strz(cx->mem, hash));
	return ERR_OK;
}

bool password_fits(struct str hash, struct str password)
{
	/* Of a random text that nobody has: an unknown login takes as long as a known one. */
	static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$T7OXvcIHsYcri2OENsOTMA$"
				     "gCNgMRQQVpj+nhhkl1EcnGluhEQ8N5h1FQwdfqo3CJ0";
	char z[crypto_pwhash_STRBYTES] = {0};
	struct str h = hash.n ? hash : str_from(nobody);

	if (sodium_init() < 0 || h.n >= sizeof z)
		return false;
	memcpy(z, h.p, h.n);
	return crypto_pwhash_str_verify(z, password.p ? password.p : "", password.n) == 0 &&
	       hash.n > 0;
}

struct str password_make(struct arena *mem)
{
	static const char upper[] = "ABCDEFGHJKLMNPQRSTUVWXYZ",
			  lower[] = "abcdefghijkmnpqrstuvwxyz", digit[] = "23456789";
	char *p = arena_alloc(mem, 17);

	if (sodium_init() < 0)
		BUG("no random numbers");
	for (size_t i = 0; i < 16; i++)
		p[i] = i % 4 == 3   ? digit[randombytes_uniform(sizeof digit - 1)]
		       : i % 4 == 0 ? upper[randombytes_uniform(sizeof upper - 1)]
				    : lower[randombytes_uniform(sizeof lower - 1)];
	return (struct str){p, 16};
}

struct str random_token(struct arena *mem, size_t n)
{
	unsigned char bytes[64];
	char *p = arena_alloc(mem, 100);

	assert(n <= sizeof bytes);
	if (sodium_init() < 0)
		BUG("no random numbers");
	randombytes_buf(bytes, n);
	sodium_bin2base64(p, 100, bytes, n, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
	return str_from(p);
}

static const char base32[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

struct str totp_make(struct arena *mem)
{
	char *p = arena_alloc(mem, 33);

	if (sodium_init() < 0)
		BUG("no random numbers");
	for (int i = 0; i < 32; i++)
		p[i] = base32[randombytes_uniform(32)];
	return (struct str){p, 32};
}

static size_t base32_decode(struct str text, unsigned char *out, size_t max)
{
	uint32_t bits = 0;
	size_t n = 0;
	int have = 0;

	for (size_t i = 0; i < text.n; i++) {
		const char *at = text.p[i] ? strchr(base32, text.p[i]) : NULL;
		if (!at)
			return 0;
		bits = bits << 5 | (uint32_t)(at - base32);
		have += 5;
		if (have >= 8 && n < max) {
			have -= 8;
			out[n++] = (unsigned char)(bits >> have);
		}
	}
	return n;
}

/* RFC 4226, section 5.3, over the step as RFC 6238 counts it. */
void totp_code(struct str secret, int64_t step, char out[7])
{
	unsigned char key[64], mac[EVP_MAX_MD_SIZE], counter[8];
	size_t key_size = base32_decode(secret, key, sizeof key);
	unsigned mac_size = 0;
	uint32_t value, at;

	for (int i = 0; i < 8; i++)
		counter[i] = (unsigned char)((uint64_t)step >> (56 - 8 * i));
	if (!HMAC(EVP_sha1(), key, (int)key_size, counter, sizeof counter, mac, &mac_size) ||
		mac_size != 20)
		BUG("HMAC-SHA1 is missing");
	at = mac[19] & 15u;
	value = (uint32_t)(mac[at] & 127) << 24 | (uint32_t)mac[at + 1] << 16 |
		(uint32_t)mac[at + 2] << 8 | (uint32_t)mac[at + 3];
	snprintf(out, 7, "%06u", value % 1000000);
}

bool totp_fits(
	struct str secret, struct str code, int64_t now_us, int64_t used_step, int64_t *out_step)
{
	int64_t now = now_us / TOTP_STEP_US;
	bool fits = false;
	char right[7];

	if (code.n != 6)
		return false;
	for (int64_t step = now - 1; step <= now + 1; step++) {
		totp_code(secret, step, right);
		if (step > used_step && sodium_memcmp(right, code.p, 6) == 0) {
			fits = true;
			*out_step = step;
		}
	}
	return fits;
}
