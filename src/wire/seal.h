/*
 * Sealed text: what stands in a store but is read with a key that is kept elsewhere. A sealed
 * value says by what and where it may be opened:
 *
 *     MARK base64(KEY-ID | salt | ciphertext | tag)      ~1XwzA…
 *
 *   ~1  XChaCha20-Poly1305 (libsodium). The nonce is 16 bytes of BLAKE2b of what is authenticated
 *       beside the text, then the salt of 8 random bytes: it could repeat only where one field of
 *       one row is sealed some 2^32 times.
 *   ~2  SM4-CTR from a salt of 16 random bytes, then HMAC-SM3 over everything
 *       (GB/T 32907, GB/T 32905; OpenSSL)
 *
 * Key id and mark are the first 10 characters. What was sealed by programs before this form,
 * "v1:KEY-ID:base64(nonce | ciphertext | tag)" with the whole nonce in it and "v2:…", opens as
 * well.
 *
 * Suite, key id and the context (which ledger, field and row) are authenticated with the text, so
 * that a value that was changed or moved to another row does not open. Text is padded to full 16
 * bytes before: its exact length does not show. The salt is random: the same text sealed twice
 * differs. What must be compared gets a fingerprint beside it.
 *
 * The id of a key comes from the key itself; a key file cannot give a key another's name.
 */
#pragma once

#include "base/err.h"

enum seal_suite { SEAL_XCHACHA20 = 1, SEAL_SM4 = 2 };

#define SEAL_KEY_SIZE    32
#define SEAL_KEY_ID_SIZE 13 /* 12 hex digits and a NUL */
#define SEAL_HEAD_SIZE   17 /* of the longest head and a NUL */
#define SEAL_PRINT_BYTES 16
#define SEAL_PRINT_SIZE  23 /* as base64, and a NUL */
#define SEAL_PRINT_HEX   33 /* as hex digits, and a NUL */
#define SEAL_TEXT_MAX    ((size_t)1 << 20)

struct seal_key {
	enum seal_suite suite;
	char id[SEAL_KEY_ID_SIZE];
	int64_t made_at; /* microseconds UTC */
	unsigned char master[SEAL_KEY_SIZE];
	unsigned char cipher[SEAL_KEY_SIZE], mac[SEAL_KEY_SIZE], print[SEAL_KEY_SIZE]; /* derived */
};

/* The keys at hand; current seals, all open. Wiped when the memory that holds it goes. */
struct seal_ring {
	VEC(struct seal_key *) list;
	const struct seal_key *current; /* NULL: nothing can be sealed */
};

/* "xchacha20" or "sm4"; false: neither. */
MUST_CHECK bool seal_suite_parse(struct str name, enum seal_suite *out);
const char *seal_suite_name(enum seal_suite suite);

/* A new random key, or one made of the 32 bytes of a key file; in mem, wiped with it. */
MUST_CHECK enum err seal_key_new(
	struct ctx *cx, struct arena *mem, enum seal_suite suite, struct seal_key **out);
MUST_CHECK enum err seal_key_of(struct ctx *cx, struct arena *mem, enum seal_suite suite,
	const unsigned char master[SEAL_KEY_SIZE], struct seal_key **out);
const struct seal_key *seal_ring_find(const struct seal_ring *ring, struct str key_id);

/* What a sealed value is bound to. */
struct seal_context {
	struct str of;    /* ledger, or "account" */
	struct str field; /* of it */
	struct str row;   /* the row's id, or the login */
};

/* Random bytes drawn ahead for many values, by one thread; begins as {0}. */
struct seal_salts {
	unsigned char bytes[4096];
	size_t left;
};

/* Does it look like one? Then its key's id goes to out_key_id. */
bool seal_is_sealed(struct str text, char out_key_id[SEAL_KEY_ID_SIZE]);
/* What begins all that the key has sealed, now or by the former form. */
struct str seal_head(const struct seal_key *key, bool is_former, char out[SEAL_HEAD_SIZE]);
/*
 * In mem. salts NULL: drawn for this value alone. Fails: TOO_LARGE (over SEAL_TEXT_MAX),
 * UNSUPPORTED (OpenSSL without SM4).
 */
MUST_CHECK enum err seal_text(struct ctx *cx, struct arena *mem, const struct seal_key *key,
	const struct seal_context *at, struct seal_salts *salts, struct str text, struct str *out);
/*
 * In mem; secret as long as it lives. Fails: CONFLICT (its key is not in the ring; the detail
 * names the id), STORE (changed, cut, or sealed for another row, field or ledger).
 */
MUST_CHECK enum err seal_open(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct seal_context *at, struct str sealed, struct str *out);

/*
 * A keyed hash of text for comparing: the same text under the same name and key gives the same
 * print; without the key nothing can be tried out.
 */
MUST_CHECK enum err seal_print(struct ctx *cx, const struct seal_key *key, struct str name,
	struct str text, unsigned char out[SEAL_PRINT_BYTES]);
/* A print as it is kept, and as programs before this form kept it. */
void seal_print_text(const unsigned char print[SEAL_PRINT_BYTES], char out[SEAL_PRINT_SIZE]);
void seal_print_hex(const unsigned char print[SEAL_PRINT_BYTES], char out[SEAL_PRINT_HEX]);

/* SM4's parts, for their standards' test vectors. */
MUST_CHECK enum err seal_sm4_ctr(struct ctx *cx, const unsigned char key[16],
	const unsigned char iv[16], const unsigned char *in, size_t n, unsigned char *out);
MUST_CHECK enum err seal_hmac_sm3(struct ctx *cx, struct str key, const struct str *parts,
	size_t count, unsigned char out[32]);
