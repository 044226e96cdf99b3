#include "mod/evaluate/evaluate.h"
#include "wire/json_write.h"

static void number(struct json_writer *w, const char *key, struct number_opt n)
{
	if (!n.is_set)
		return;
	json_key(w, key);
	json_f64(w, n.value);
}

static void text(struct json_writer *w, const char *key, struct str s)
{
	if (!s.n)
		return;
	json_key(w, key);
	json_str(w, s);
}

static void write_clause(struct json_writer *w, const struct clause_result *c)
{
	json_object(w);
	text(w, "id", c->id);
	text(w, "title", c->title);
	json_key(w, "verdict");
	json_z(w, verdict_name(c->verdict));
	number(w, "value", c->value);
	if (c->op) {
		json_key(w, "op");
		json_z(w, c->op);
	}
	number(w, "limit", c->limit);
	number(w, "short_by", c->short_by);
	text(w, "unit", c->unit);
	text(w, "note", c->note);
	text(w, "source", c->clause->source.text);
	if (c->is_information) {
		json_key(w, "information");
		json_bool(w, true);
	}
	json_end_object(w);
}

static void write_below(
	struct json_writer *w, const struct pack_units *units, const struct below *b)
{
	json_object(w);
	text(w, "indicator", units->measures.items[b->measure].id.text);
	json_key(w, "value");
	json_f64(w, b->value);
	json_key(w, "limit");
	json_f64(w, b->limit);
	json_key(w, "floor");
	json_f64(w, b->floor);
	number(w, "needs", b->needs);
	text(w, "resource", units->measures.items[b->measure].resource.text);
	json_end_object(w);
}

static void write_numbers(struct json_writer *w, const char *key, const struct pack_units *units,
	const struct number_opt *numbers)
{
	json_key(w, key);
	json_object(w);
	for (size_t k = 0; k < units->measures.count; k++) {
		json_key_str(w, units->measures.items[k].id.text);
		if (numbers && numbers[k].is_set)
			json_f64(w, numbers[k].value);
		else
			json_null(w);
	}
	json_end_object(w);
}

static void write_members(
	struct json_writer *w, const struct pack_units *units, const struct unit_result *u)
{
	text(w, "org", u->org);
	text(w, "name", u->name);
	text(w, "stage", u->group);
	json_key(w, "included");
	json_bool(w, u->is_included);
	text(w, "reason", u->reason);
	json_key(w, "met");
	json_i64(w, (int64_t)u->met);
	if (u->is_included) {
		json_key(w, "verdict");
		json_z(w, verdict_name(u->verdict));
	}
	write_numbers(w, "values", units, u->values);
	json_key(w, "below");
	json_array(w);
	for (size_t i = 0; i < u->below.count; i++)
		write_below(w, units, &u->below.items[i]);
	json_end_array(w);
}

static void write_unit(
	struct json_writer *w, const struct pack_units *units, const struct unit_result *u)
{
	json_object(w);
	write_members(w, units, u);
	json_end_object(w);
}

void evaluation_write_unit(
	struct json_writer *w, const struct evaluation_result *r, const struct unit_result *u)
{
	json_object(w);
	write_members(w, r->evaluation->units, u);
	write_numbers(w, "limits", r->evaluation->units, u->limits);
	json_end_object(w);
}

void evaluation_write_json(struct json_writer *w, const struct evaluation_result *r)
{
	json_object(w);
	text(w, "evaluation", r->evaluation->id.text);
	json_key(w, "county");
	json_str(w, r->area);
	json_key(w, "period");
	if (r->period.n)
		json_str(w, r->period);
	else
		json_null(w);
	json_key(w, "verdict");
	json_z(w, verdict_name(r->verdict));
	json_key(w, "clauses");
	json_array(w);
	for (size_t i = 0; i < r->clauses.count; i++)
		write_clause(w, &r->clauses.items[i]);
	json_end_array(w);
	json_key(w, "schools");
	json_array(w);
	for (size_t i = 0; i < r->units.count; i++)
		write_unit(w, r->evaluation->units, &r->units.items[i]);
	json_end_array(w);
	json_end_object(w);
}
