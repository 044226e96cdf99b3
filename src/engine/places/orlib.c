/* The OR-Library's facility location format, word by word. */
#include "engine/places/orlib.h"

#include "base/num.h"

#define COST_SCALE_MAX 9
#define FINER          3
/* Sums of costs stay whole numbers in the doubles of the search. */
#define COST_PRECISE 1e15

struct reader {
	struct problems *problems;
	struct str file, rest;
	int line;
	bool has_failed;
	int cost_scale;
};

#define FAIL(r, zh, en, ...)                                                                       \
	((r)->has_failed = true, problems_error((r)->problems,                                     \
					 (struct place){.file = (r)->file, .line = (r)->line},     \
					 TR((r)->problems, zh, en), __VA_ARGS__))

/* The next word, empty at the end; line is then its line. */
static struct str next_word(struct reader *r)
{
	const char *p = r->rest.p, *end = p + r->rest.n, *from;

	for (; p < end && (*p == ' ' || *p == '\t' || *p == '\r' || *p == '\n'); p++)
		r->line += *p == '\n';
	for (from = p; p < end && *p != ' ' && *p != '\t' && *p != '\r' && *p != '\n';)
		p++;
	r->rest = (struct str){p, (size_t)(end - p)};
	return (struct str){from, (size_t)(p - from)};
}

/* A number of at least min with at most `scale` decimals; 0 once something was wrong. what says
 * which, in the language of the problems. */
static int64_t number(struct reader *r, struct str word, int scale, int64_t min, const char *what)
{
	int64_t v = 0;

	if (r->has_failed)
		return 0;
	if (word.n == 0)
		FAIL(r, "文件到此为止，缺%s", "the file ends here; expected %s", what);
	else if (parse_dec(word, scale, &v) != NUM_OK || v < min)
		FAIL(r, "“" STR_FMT "”不能作%s", "'" STR_FMT "' cannot be %s",
			STR_ARG(str_sub(word, 0, 40)), what);
	return r->has_failed ? 0 : v;
}

/* The most decimals of any word. */
static int decimals(struct str text)
{
	int most = 0, now = -1;

	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '.')
			now = 0;
		else if (now >= 0 && text.p[i] >= '0' && text.p[i] <= '9')
			now++;
		else
			now = -1;
		most = MAX(most, now);
	}
	return MIN(most, COST_SCALE_MAX);
}

static bool read_sizes(struct reader *r, struct facility *f)
{
	int64_t sites, customers;

	sites = number(r, next_word(r), 0, 1, TR(r->problems, "地点数", "the number of sites"));
	customers =
		number(r, next_word(r), 0, 1, TR(r->problems, "用户数", "the number of customers"));
	if (r->has_failed)
		return false;
	/* A pair takes at least a digit and a blank. */
	if (sites > FACILITY_PAIRS_MAX / customers ||
		(uint64_t)(sites * customers) > r->rest.n / 2 + 1) {
		FAIL(r, "%" PRId64 " 个地点 × %" PRId64 " 个用户与文件大小不符",
			"%" PRId64 " sites and %" PRId64 " customers do not fit in this file",
			sites, customers);
		return false;
	}
	f->site_count = (int32_t)sites;
	f->customer_count = (int32_t)customers;
	return true;
}

static void read_site(struct reader *r, int64_t capacity_given, int64_t *capacity, int64_t *fixed)
{
	struct str word = next_word(r);

	if (capacity_given > 0) {
		*capacity = capacity_given;
	} else if (str_is(word, "capacity") && !r->has_failed) {
		FAIL(r, "文件没有写容量：请用 %s", "the file leaves the capacity open: give %s",
			"--capacity N");
	} else {
		*capacity = number(r, word, 0, 0, TR(r->problems, "容量", "a capacity"));
	}
	*fixed = number(
		r, next_word(r), r->cost_scale, 0, TR(r->problems, "固定费用", "a fixed cost"));
}

/* The dearest plan there could be, or more. */
static double dearest(const struct facility *f)
{
	double sum = 0;

	for (int32_t i = 0; i < f->site_count; i++)
		sum += (double)f->fixed[i];
	for (int32_t j = 0; j < f->customer_count; j++) {
		int64_t most = 0;
		for (int32_t i = 0; i < f->site_count; i++)
			most = MAX(
				most, f->cost[(size_t)i * (size_t)f->customer_count + (size_t)j]);
		sum += (double)most;
	}
	return sum;
}

/* The prices of a proof are whole units: of a finer one the bound loses less. */
static void refine(int64_t *fixed, int64_t *cost, struct orlib *out)
{
	struct facility *f = &out->facility;
	size_t pairs = (size_t)f->site_count * (size_t)f->customer_count;
	double sum = dearest(f);

	f->cost_step = 1;
	for (int n = 0; n < FINER && sum * 10 < COST_PRECISE; n++) {
		f->cost_step *= 10;
		out->cost_scale++;
		sum *= 10;
	}
	for (int32_t i = 0; i < f->site_count; i++)
		fixed[i] *= f->cost_step;
	for (size_t k = 0; k < pairs; k++)
		cost[k] *= f->cost_step;
}

bool orlib_read(struct arena *mem, struct problems *ps, struct str file, struct str text,
	int64_t capacity, struct orlib *out)
{
	struct reader r = {.problems = ps, .file = file, .rest = text, .line = 1};
	struct facility f = {0};
	int64_t *capacities, *fixed, *demand, *cost;

	r.cost_scale = decimals(text);
	if (!read_sizes(&r, &f))
		return false;
	f.capacity = capacities = arena_array(mem, int64_t, f.site_count);
	f.fixed = fixed = arena_array(mem, int64_t, f.site_count);
	f.demand = demand = arena_array(mem, int64_t, f.customer_count);
	f.cost = cost = arena_array(mem, int64_t, (size_t)f.site_count * (size_t)f.customer_count);
	for (int32_t i = 0; i < f.site_count && !r.has_failed; i++)
		read_site(&r, capacity, &capacities[i], &fixed[i]);
	for (int32_t j = 0; j < f.customer_count && !r.has_failed; j++) {
		demand[j] = number(&r, next_word(&r), 0, 1,
			TR(ps, "需求量（正整数）", "a demand (a whole number above 0)"));
		for (int32_t i = 0; i < f.site_count && !r.has_failed; i++)
			cost[(size_t)i * (size_t)f.customer_count + (size_t)j] =
				number(&r, next_word(&r), r.cost_scale, 0,
					TR(ps, "运送费用", "a serving cost"));
	}
	if (!r.has_failed && next_word(&r).n > 0)
		FAIL(&r, "多余的内容：应只有 %d 个用户", "more than the %d customers announced",
			f.customer_count);
	if (!r.has_failed && !facility_fits(&f))
		FAIL(&r, "数值之和过大（%s）", "the numbers add up to too much (%s)",
			"> 2^40, 2^60");
	*out = (struct orlib){.facility = f, .cost_scale = r.cost_scale};
	if (!r.has_failed)
		refine(fixed, cost, out);
	return !r.has_failed;
}
