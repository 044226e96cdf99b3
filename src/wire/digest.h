/*
 * Digests of bytes and files, as lower-case hex: SHA-256 (what others can check with the tools
 * at hand) and SM3 (GB/T 32905-2016).
 */
#pragma once

#include "base/err.h"

enum digest_kind { DIGEST_SM3, DIGEST_SHA256 };

#define DIGEST_HEX 65 /* 64 digits and a NUL; both kinds have 32 bytes */

/* Fails: UNSUPPORTED (OpenSSL was built without it). */
MUST_CHECK enum err digest_bytes(
	struct ctx *cx, enum digest_kind kind, struct str bytes, char out[DIGEST_HEX]);
/* Fails: IO (cannot be read). */
MUST_CHECK enum err digest_file(
	struct ctx *cx, enum digest_kind kind, const char *path, char out[DIGEST_HEX]);

/* Bytes that come bit by bit. Release with digest_end, once. */
struct digest;
MUST_CHECK enum err digest_begin(struct ctx *cx, enum digest_kind kind, struct digest **out);
void digest_add(struct digest *d, struct str bytes);
void digest_end(struct digest *d, char out[DIGEST_HEX]);
