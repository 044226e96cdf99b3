#include "base/date.h"

#include "base/num.h"

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return days[month - 1] + (month == 2 && is_leap(year));
}

bool date_from_ymd(int year, int month, int day, struct date *out)
{
	int y, era, year_of_era, day_of_year, day_of_era;

	if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 ||
		day > month_days(year, month))
		return false;
	/* Years begin in March, so that the leap day is the last one; eras have 400 years. */
	y = month <= 2 ? year - 1 : year;
	era = y / 400;
	year_of_era = y - era * 400;
	day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
	out->day = era * 146097 + day_of_era - 719468;
	return true;
}

void date_to_ymd(struct date d, int *year, int *month, int *day)
{
	int z = d.day + 719468;
	int era = (z >= 0 ? z : z - 146096) / 146097;
	int day_of_era = z - era * 146097;
	int year_of_era =
		(day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int mp = (5 * day_of_year + 2) / 153;

	*day = day_of_year - (153 * mp + 2) / 5 + 1;
	*month = mp < 10 ? mp + 3 : mp - 9;
	*year = year_of_era + era * 400 + (*month <= 2);
}

/* Digits at the start of s, up to most of them; cut off. False when there is none. */
static bool take_number(struct str *s, size_t most, int *out)
{
	size_t n = 0;
	int v = 0;

	while (n < s->n && n < most && s->p[n] >= '0' && s->p[n] <= '9')
		v = v * 10 + (s->p[n++] - '0');
	*s = str_sub(*s, n, s->n);
	*out = v;
	return n > 0;
}

static bool take(struct str *s, const char *z)
{
	if (!str_starts(*s, z))
		return false;
	*s = str_sub(*s, strlen(z), s->n);
	return true;
}

bool date_parse(struct str s, struct date *out)
{
	int year, month, day;
	const char *sep;

	if (s.n == 8 && str_find_char(s, '-') == SIZE_MAX && str_find_char(s, '/') == SIZE_MAX &&
		str_find_char(s, '.') == SIZE_MAX) {
		return take_number(&s, 4, &year) && take_number(&s, 2, &month) &&
		       take_number(&s, 2, &day) && s.n == 0 && date_from_ymd(year, month, day, out);
	}
	if (!take_number(&s, 4, &year) || s.n == 0)
		return false;
	if (take(&s, "年"))
		return take_number(&s, 2, &month) && take(&s, "月") && take_number(&s, 2, &day) &&
		       take(&s, "日") && s.n == 0 && date_from_ymd(year, month, day, out);
	sep = s.p[0] == '-' ? "-" : s.p[0] == '/' ? "/" : ".";
	return take(&s, sep) && take_number(&s, 2, &month) && take(&s, sep) &&
	       take_number(&s, 2, &day) && s.n == 0 && date_from_ymd(year, month, day, out);
}

void strbuf_date(struct strbuf *b, struct date d)
{
	int year, month, day;

	date_to_ymd(d, &year, &month, &day);
	strbuf_printf(b, "%04d-%02d-%02d", year, month, day);
}

int date_weekday(struct date d)
{
	return (d.day % 7 + 7 + 3) % 7 + 1; /* 1970-01-01 was a Thursday */
}

void strbuf_instant(struct strbuf *b, int64_t utc_us)
{
	int64_t second = utc_us / 1000000 - (utc_us % 1000000 < 0);
	int64_t day = second / 86400 - (second % 86400 < 0);
	int64_t rest = second - day * 86400;

	strbuf_date(b, (struct date){(int32_t)day});
	strbuf_printf(
		b, "T%02d:%02d:%02dZ", (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60));
}

struct str instant_text(struct arena *mem, int64_t utc_us)
{
	struct strbuf b;
	struct str text;

	if (!utc_us)
		return STR_NONE;
	strbuf_init(&b, 64);
	strbuf_instant(&b, utc_us);
	text = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return text;
}

bool instant_parse(struct str s, int64_t *out_utc_us)
{
	int hour, minute, second;
	struct date d;

	if (s.n != 20 || !date_parse(str_sub(s, 0, 10), &d))
		return false;
	s = str_sub(s, 10, s.n);
	if (!take(&s, "T") || !take_number(&s, 2, &hour) || !take(&s, ":") ||
		!take_number(&s, 2, &minute) || !take(&s, ":") || !take_number(&s, 2, &second) ||
		!take(&s, "Z") || s.n || hour > 23 || minute > 59 || second > 59)
		return false;
	*out_utc_us = ((int64_t)d.day * 86400 + hour * 3600 + minute * 60 + second) * 1000000;
	return true;
}
