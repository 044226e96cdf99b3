/* From a request to the rows, the pack with its weights laid over, and the kind that solves it. */
#include "mod/allocate/allocation_internal.h"
#include "mod/allocate/proposal.h"
#include "wire/csv_write.h"
#include "wire/table_reader.h"

#define ADDITION_MAX 1000000

const char *const allocation_kind_names[] = {
	"places", "teachers", "pass", "forecast", "curve", "zone", NULL};

/* ---- the request ---- */

#define REQUEST(member, type_, ...)                                                                \
	{                                                                                          \
		.name = #member, .offset = offsetof(struct allocation_request, member),            \
		.type = type_, __VA_ARGS__                                                         \
	}
#define TEXT_OR_NOTHING .is_optional = true, .is_nullable = true, .max = 40
#define CHANGE(member)  IN_WITH(allocation_change, member, JT_TEXT, TEXT_OR_NOTHING)

static const struct json_field weight_fields[] = {
	IN_WITH(allocation_weight, parameter, JT_TEXT, .max = 100),
	IN_WITH(allocation_weight, key, JT_TEXT, TEXT_OR_NOTHING),
	IN(allocation_weight, value, JT_NUMBER)};
static const struct json_shape weight_shape =
	JSON_SHAPE("plan_weight", sizeof(struct allocation_weight), weight_fields);
static const struct json_field change_fields[] = {
	IN_WITH(allocation_change, type, JT_TEXT, .max = 40), CHANGE(code), CHANGE(stage),
	CHANGE(value), CHANGE(to), CHANGE(town), CHANGE(to_town), CHANGE(year), CHANGE(grades),
	CHANGE(measure)};
static const struct json_shape change_shape =
	JSON_SHAPE("plan_change", sizeof(struct allocation_change), change_fields);
static const struct json_field addition_fields[] = {
	IN_WITH(allocation_addition, stage, JT_TEXT, .max = 40),
	IN_WITH(allocation_addition, places, JT_I64, .min = 1, .max = ADDITION_MAX)};
static const struct json_shape addition_shape =
	JSON_SHAPE("plan_addition", sizeof(struct allocation_addition), addition_fields);
static const struct json_field request_fields[] = {REQUEST(name, JT_TEXT, .max = 240),
	REQUEST(kind, JT_TEXT, .choices = allocation_kind_names), REQUEST(area, JT_TEXT, .max = 40),
	REQUEST(period, JT_TEXT, TEXT_OR_NOTHING), REQUEST(stage, JT_TEXT, TEXT_OR_NOTHING),
	REQUEST(weights, JT_LIST, .of = &weight_shape, .max = 200),
	REQUEST(changes, JT_LIST, .of = &change_shape, .max = 2000),
	REQUEST(additions, JT_LIST, .of = &addition_shape, .is_optional = true, .max = 1),
	REQUEST(budget, JT_NUMBER, .is_optional = true, .is_nullable = true),
	REQUEST(growth, JT_NUMBER, .is_optional = true, .is_nullable = true),
	REQUEST(move_percent, JT_I64, .is_optional = true, .min = 0, .max = 100),
	REQUEST(years, JT_I64, .is_optional = true, .min = 0, .max = 30)};
const struct json_shape allocation_request_shape =
	JSON_SHAPE("plan_new", sizeof(struct allocation_request), request_fields);

static void write_changes(struct json_writer *w, const struct json_items *changes)
{
	const struct allocation_change *items = changes->items;

	json_key(w, "changes");
	json_array(w);
	for (size_t i = 0; i < changes->count; i++) {
		json_object(w);
		json_field_text(w, "type", items[i].type);
		json_field_text(w, "code", items[i].code);
		json_field_text(w, "stage", items[i].stage);
		json_field_text(w, "value", items[i].value);
		json_field_text(w, "to", items[i].to);
		json_field_text(w, "town", items[i].town);
		json_field_text(w, "to_town", items[i].to_town);
		json_field_text(w, "year", items[i].year);
		json_field_text(w, "grades", items[i].grades);
		json_field_text(w, "measure", items[i].measure);
		json_end_object(w);
	}
	json_end_array(w);
}

static void write_additions(struct json_writer *w, const struct json_items *additions)
{
	const struct allocation_addition *items = additions->items;

	json_key(w, "additions");
	json_array(w);
	for (size_t i = 0; i < additions->count; i++) {
		json_object(w);
		json_field_text(w, "stage", items[i].stage);
		json_field_i64(w, "places", items[i].places);
		json_end_object(w);
	}
	json_end_array(w);
}

static void number(struct json_writer *w, const char *key, const struct json_node *is)
{
	json_key(w, key);
	if (is)
		json_node(w, is);
	else
		json_null(w);
}

void allocation_write_request(struct json_writer *w, const struct allocation_request *r)
{
	const struct allocation_weight *weights = r->weights.items;

	json_object(w);
	json_field_text(w, "name", r->name);
	json_field_text(w, "kind", r->kind);
	json_field_text(w, "area", r->area);
	json_field_text(w, "period", r->period);
	json_field_text(w, "stage", r->stage);
	json_key(w, "weights");
	json_array(w);
	for (size_t i = 0; i < r->weights.count; i++) {
		json_object(w);
		json_field_text(w, "parameter", weights[i].parameter);
		json_field_text(w, "key", weights[i].key);
		json_key(w, "value");
		json_node(w, weights[i].value);
		json_end_object(w);
	}
	json_end_array(w);
	write_changes(w, &r->changes);
	write_additions(w, &r->additions);
	number(w, "budget", r->budget);
	number(w, "growth", r->growth);
	json_key(w, "move_percent");
	json_i64(w, r->move_percent);
	json_key(w, "years");
	json_i64(w, r->years);
	json_end_object(w);
}

/* ---- weights ---- */

const char *const *allocation_parameters(enum allocation_kind kind)
{
	static const char *const places[] = {"places.unmet_cost", "places.close_cost",
		"places.travel_cost", "places.running_cost", "places.step_cost", "places.open_cost",
		"places.convert_cost", "places.minutes_max", "places.speed", "places.detour",
		"places.step", "places.years", "places.lead_years", "places.discount", NULL};
	static const char *const teachers[] = {"posts.weight", "rotation.km_max",
		"rotation.years_min", "rotation.years_due", "rotation.age_max", "balance.rotation",
		"balance.rotation_backbone", "posts.load", "posts.per_class", NULL};
	static const char *const pass[] = {"pass.price", "places.discount", NULL};
	static const char *const forecast[] = {"forecast.entry_months", NULL};
	static const char *const curve[] = {"places.travel_cost", "places.unmet_cost",
		"places.close_cost", "places.running_cost", "places.step_cost", "places.open_cost",
		"places.convert_cost", "places.minutes_max", "places.speed", "places.detour",
		"places.step", "places.years", NULL};
	static const char *const zone[] = {"zone.change_weight", "zone.crossing_weight",
		"zone.fill_max", "zone.fill_min", "places.minutes_max", "places.speed",
		"places.detour", NULL};
	static const char *const *const all[] = {places, teachers, pass, forecast, curve, zone};

	return all[kind];
}

const struct pack_value *allocation_value(
	const struct ctx *cx, const struct pack *pack, struct str parameter)
{
	const struct pack_parameter *p = pack_find_parameters(pack, parameter);

	return p ? parameter_on(p, (struct date){(int32_t)(cx->now_us / 86400000000)}) : NULL;
}

/* Only the number in force is copied: the pack itself stays as it is. */
static void lay_weight(struct ctx *cx, struct pack *pack, const struct allocation_weight *w)
{
	const struct pack_value *is = allocation_value(cx, pack, w->parameter);
	struct pack_value *value = arena_new(cx->mem, struct pack_value);

	*value = *is;
	value->is.items = arena_array(cx->mem, struct keyed_dec, is->is.count);
	memcpy(value->is.items, is->is.items, is->is.count * sizeof *value->is.items);
	for (size_t i = 0; i < is->is.count; i++)
		if (str_eq(value->is.items[i].key, w->key)) {
			enum num_result read =
				parse_dec(w->value->text, 6, &value->is.items[i].micro);
			assert(read == NUM_OK); /* allocation_check has looked */
			(void)read;
		}
	for (size_t i = 0; i < pack->parameters.count; i++)
		if (str_eq(pack->parameters.items[i].id.text, w->parameter)) {
			pack->parameters.items[i].values.items = value;
			pack->parameters.items[i].values.count = 1;
		}
}

static const struct pack *lay_weights(
	struct ctx *cx, const struct pack *pack, const struct json_items *weights)
{
	const struct allocation_weight *items = weights->items;
	struct pack *own = arena_new(cx->mem, struct pack);

	*own = *pack;
	own->parameters.items = arena_array(cx->mem, struct pack_parameter, pack->parameters.count);
	memcpy(own->parameters.items, pack->parameters.items,
		pack->parameters.count * sizeof *own->parameters.items);
	for (size_t i = 0; i < weights->count; i++)
		lay_weight(cx, own, &items[i]);
	return own;
}

/* ---- what the kinds share ---- */

enum err allocation_read(struct allocation *a, const char *ledger)
{
	return dataset_add_place(
		a->cx, &a->ds, a->place, a->tree, str_from(ledger), a->request->area);
}

static enum err to_buffer(void *arg, struct str bytes)
{
	strbuf_str(arg, bytes);
	return ERR_OK;
}

enum err allocation_changes(struct allocation *a, bool (*of)(struct str type),
	const struct allocation_column *columns, size_t count, struct table_reader **out)
{
	const struct allocation_change *items = a->request->changes.items;
	struct csv_writer w;
	size_t rows = 0;
	struct strbuf b;
	struct str bytes;

	*out = NULL;
	strbuf_init(&b, STRBUF_MAX);
	csv_writer_init(&w, a->cx, CSV_EXACT, to_buffer, &b);
	for (size_t c = 0; c < count; c++)
		csv_write_text(&w, str_from(columns[c].name));
	csv_write_row_end(&w);
	for (size_t i = 0; i < a->request->changes.count; i++) {
		if (of && !of(items[i].type))
			continue;
		rows++;
		for (size_t c = 0; c < count; c++)
			csv_write_text(&w,
				*(const struct str *)((const char *)&items[i] + columns[c].offset));
		csv_write_row_end(&w);
	}
	TRY(csv_writer_close(&w));
	bytes = str_copy(a->cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return rows ? table_reader_open_bytes(a->cx, bytes, NULL, out) : ERR_OK;
}

void allocation_told(const struct allocation *a, int64_t done, int64_t all)
{
	if (a->until && a->until->told)
		a->until->told(a->until->arg, done, all);
}

struct allocation_row *allocation_propose(struct allocation *a, const struct proposal_row *row)
{
	struct allocation_row *out = VEC_PUSH(a->cx->mem, &a->out->rows);

	*out = (struct allocation_row){.county = row->county,
		.item = row->item,
		.name = row->item_name,
		.action = row->action,
		.stage = row->stage,
		.subject = row->subject,
		.from = row->from,
		.to = row->to,
		.once = row->once,
		.saving = row->saving,
		.reason = row->reason,
		.is_proposed = true};
	return out;
}

struct str allocation_money(struct arena *mem, int64_t milli)
{
	struct strbuf b;
	struct str s;

	strbuf_init(&b, 40);
	strbuf_dec_short(&b, milli, 3);
	s = str_copy(mem, strbuf_view(&b));
	strbuf_release(&b);
	return s;
}

struct str allocation_whole(struct arena *mem, int64_t v)
{
	return str_printf(mem, "%" PRId64, v);
}

enum err allocation_run(struct ctx *cx, const struct open_place *place, const struct org_tree *tree,
	const struct allocation_request *request, const struct allocation_until *until,
	struct allocation_result *out)
{
	static enum err (*const kinds[])(struct allocation *) = {allocation_places,
		allocation_teachers, allocation_pass, allocation_forecast, allocation_curve,
		allocation_zone};
	struct allocation a = {.cx = cx,
		.place = place,
		.tree = tree,
		.request = request,
		.until = until,
		.out = out};
	struct json_faults faults = {0};
	size_t kind = 0;

	while (kind < ALLOCATION_KINDS && !str_is(request->kind, allocation_kind_names[kind]))
		kind++;
	if (kind == ALLOCATION_KINDS)
		return ctx_fail(cx, ERR_INVALID, "kind '" STR_FMT "'", STR_ARG(request->kind));
	allocation_check(cx, place->pack, request, &faults);
	if (faults.list.count)
		return ctx_fail(cx, ERR_INVALID, STR_FMT ": " STR_FMT,
			STR_ARG(faults.list.items[0].path), STR_ARG(faults.list.items[0].text));
	*out = (struct allocation_result){.is_whole = true, .cost_before = -1};
	dataset_init(
		&a.ds, cx->mem, lay_weights(cx, place->pack, &request->weights), request->period);
	return kinds[kind](&a);
}
