/*
 * Civil days and instants. Text is YYYY-MM-DD and RFC 3339 at the edges only. Nothing in here
 * reads a clock: "now" comes from the context.
 */
#pragma once

#include "base/str.h"

struct date {
	int32_t day; /* days since 1970-01-01 */
};

#define DATE_NONE ((struct date){INT32_MIN})

/* False when the day does not exist (2026-02-29) or the year is outside 1..9999. */
MUST_CHECK bool date_from_ymd(int year, int month, int day, struct date *out);
void date_to_ymd(struct date d, int *year, int *month, int *day);
/* 2026-03-05, 2026/3/5, 2026.3.5, 20260305, 2026年3月5日. */
MUST_CHECK bool date_parse(struct str s, struct date *out);
void strbuf_date(struct strbuf *b, struct date d); /* YYYY-MM-DD */
int date_weekday(struct date d);                   /* 1 Monday .. 7 Sunday */

/* RFC 3339 in UTC with microseconds dropped: 2026-03-05T08:00:00Z. */
void strbuf_instant(struct strbuf *b, int64_t utc_us);
/* The same in mem; "" for 0, which is never. */
struct str instant_text(struct arena *mem, int64_t utc_us);
MUST_CHECK bool instant_parse(struct str s, int64_t *out_utc_us);
