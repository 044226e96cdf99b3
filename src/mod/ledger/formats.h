/* Identifiers that carry their own check. All are pure functions over the text as kept. */
#pragma once

#include "base/date.h"

/* GB 11643-1999: 17 digits and a check character by ISO 7064 MOD 11-2, a birth date that exists. */
bool china_id_check(struct str s);
/* GB 32100-2015: 18 characters without I O S V Z, check character MOD 31. */
bool credit_code_check(struct str s);
/* 教育部 2011: ten digits; the first two are the category, there is no check digit. */
bool school_code_check(struct str s);
/* Codes of divisions (6, 9 or 12 digits), schools (10) and whatever a bureau gave a department. */
bool org_code_check(struct str s);
/* Mainland mobile or area-code numbers; digits, - and a leading + only. */
bool phone_check(struct str s);

struct format {
	const char *name;
	bool (*check)(struct str s);
	const char *zh, *en; /* what is expected */
};

/* NULL when unknown. */
const struct format *format_find(struct str name);
