#include "mod/allocate/admit.h"

static void count_pair(struct json_writer *w, const char *key, uint64_t n)
{
	json_key(w, key);
	json_i64(w, (int64_t)n);
}

/* How many came in, and the last of them by rank; ADMIT_NONE: nobody. */
struct intake_line {
	uint32_t taken, last;
};

struct lines {
	struct intake_line *open, *pools; /* by site, by pool */
};

static void add(struct intake_line *line, const uint32_t *rank, uint32_t who)
{
	if (line->taken++ == 0 || rank[who] > rank[line->last])
		line->last = who;
}

static struct lines count_lines(
	struct arena *mem, const struct admission_data *d, const struct admit_result *r)
{
	struct lines l = {arena_array(mem, struct intake_line, d->problem.site_count),
		arena_array(mem, struct intake_line, d->problem.pool_count)};

	for (uint32_t i = 0; i < d->problem.applicant_count; i++) {
		if (r->site[i] == ADMIT_NONE)
			continue;
		add(r->pool[i] == ADMIT_NONE ? &l.open[r->site[i]] : &l.pools[r->pool[i]],
			d->problem.rank, i);
	}
	return l;
}

static struct str cut_off(const struct admission_data *d, const struct intake_line *line)
{
	return line->taken ? d->scores[line->last] : STR("");
}

static void write_pool(struct json_writer *w, const struct admission_data *d,
	const struct lines *lines, uint32_t pool)
{
	const struct admit_pool *p = &d->problem.pools[pool];
	uint32_t taken = lines->pools[pool].taken;

	json_object(w);
	json_field_text(w, "feeder", p->group < d->group_count ? d->groups[p->group] : STR(""));
	count_pair(w, "seats", p->seats);
	count_pair(w, "taken", taken);
	count_pair(w, "reverted", p->seats - taken);
	json_field_text(w, "cut_off", cut_off(d, &lines->pools[pool]));
	json_end_object(w);
}

static void write_site(struct json_writer *w, const struct admission_data *d,
	const struct lines *lines, uint32_t site)
{
	json_object(w);
	json_field_text(w, "school", d->sites[site]);
	json_field_text(w, "name", d->site_names[site]);
	count_pair(w, "open_seats", d->problem.seats[site]);
	count_pair(w, "open_taken", lines->open[site].taken);
	json_field_text(w, "cut_off", cut_off(d, &lines->open[site]));
	json_key(w, "pools");
	json_array(w);
	for (uint32_t i = 0; i < d->problem.pool_count; i++)
		if (d->problem.pools[i].site == site)
			write_pool(w, d, lines, i);
	json_end_array(w);
	json_end_object(w);
}

void admission_write_json(struct arena *mem, struct json_writer *w, const struct admission_data *d,
	const struct admit_result *r, const struct admit_check *check, bool is_open_first)
{
	const struct lines lines = count_lines(mem, d, r);

	json_object(w);
	json_field_text(w, "order", is_open_first ? STR("open-first") : STR("pools-first"));
	count_pair(w, "applicants", d->problem.applicant_count);
	count_pair(w, "admitted", r->admitted);
	count_pair(w, "ties_drawn_by_lot", d->ties_drawn);
	json_field_text(w, "check", str_from(admit_fault_name(check->fault)));
	json_key(w, "schools");
	json_array(w);
	for (uint32_t s = 0; s < d->problem.site_count; s++)
		write_site(w, d, &lines, s);
	json_end_array(w);
	json_key(w, "admissions");
	json_array(w);
	for (uint32_t i = 0; i < d->problem.applicant_count; i++) {
		uint32_t site = r->site[i];
		json_object(w);
		json_field_text(w, "applicant", d->applicants[i]);
		json_field_text(w, "school", site == ADMIT_NONE ? STR("") : d->sites[site]);
		json_field_text(w, "seat",
			site == ADMIT_NONE         ? STR("")
			: r->pool[i] == ADMIT_NONE ? STR("open")
						   : STR("pool"));
		json_key(w, "choice");
		if (site == ADMIT_NONE)
			json_null(w);
		else
			json_i64(w, (int64_t)r->choice[i] + 1);
		json_end_object(w);
	}
	json_end_array(w);
	json_end_object(w);
}
