/*
 * Passwords and second factors: argon2id by libsodium, TOTP (RFC 6238, SHA-1, 6 digits, 30 s)
 * as the common programs on telephones make it. Nothing here touches the store.
 */
#pragma once

#include "base/err.h"

/* What a bureau asks of passwords and sessions; kept in meta as "auth.NAME". 0 switches a rule
 * with * off. */
#define AUTH_RULES(X)                                                                              \
	X(password_min_length, 10, 6, 64, "口令最少字符", "characters a password must have")       \
	X(password_classes, 3, 1, 4, "大写、小写、数字、符号至少几类", "kinds of characters")      \
	X(password_days, 90, 0, 3650, "口令多少天要换 *", "days until it must be changed *")       \
	X(password_former, 5, 0, 24, "不得与最近几个相同 *", "former ones that are refused *")     \
	X(failures_max, 5, 3, 100, "连错几次锁定", "failures until the account is locked")         \
	X(lock_minutes, 15, 1, 1440, "锁定多少分钟", "minutes of such a lock")                     \
	X(idle_minutes, 30, 1, 1440, "多少分钟不用即退出", "minutes without use until signed out") \
	X(session_hours, 10, 1, 24, "一次登录最多几小时", "hours that a session lasts at most")

struct auth_rules {
#define X(name, value, min, max, zh, en) int64_t name;
	AUTH_RULES(X)
#undef X
};

/* 64 MiB and 2 passes, about 0.1 s; tests take less. */
struct password_cost {
	size_t memory;
	unsigned passes;
};
extern const struct password_cost password_cost_default;

/* Does it keep the rules? Fails: REJECTED, saying which one not. */
MUST_CHECK enum err password_check(
	struct ctx *cx, const struct auth_rules *rules, struct str login, struct str password);
/* A self-describing hash, in cx->mem. */
MUST_CHECK enum err password_hash(
	struct ctx *cx, const struct password_cost *cost, struct str password, struct str *out);
/* Constant in time for a given hash. An empty hash compares with one that nothing fits. */
bool password_fits(struct str hash, struct str password);
/* A password to hand over once: 16 letters and digits that are not mistaken for each other. */
struct str password_make(struct arena *mem);

/* n random bytes as base64url, in mem. */
struct str random_token(struct arena *mem, size_t n);

/* 20 random bytes in base32. */
struct str totp_make(struct arena *mem);
/*
 * Is code right for the secret at now, one step to either side? A step not after `used_step` is
 * refused, so that a code serves once. *out_step: the step it was of.
 */
bool totp_fits(
	struct str secret, struct str code, int64_t now_us, int64_t used_step, int64_t *out_step);
/* The code of a step, for tests and other programs. */
void totp_code(struct str secret, int64_t step, char out[7]);
