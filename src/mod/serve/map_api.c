/*
 * /api/map: the approved map of the counties that a bureau loads; without one the page draws the
 * pack's schematic. Kept as it came in the place's facts "map" (the GeoJSON) and "map_about".
 */
#include "mod/serve/serve_api.h"
#include "wire/digest.h"
#include "wire/geojson.h"

#define MAP_BYTES_MAX ((size_t)2 << 20)

static const struct json_field about_fields[] = {OUT("approval", JT_TEXT), OUT("file", JT_TEXT),
	OUT("coordinates", JT_TEXT), OUT("property", JT_TEXT), OUT("areas", JT_I64),
	OUT("points", JT_I64), OUT("turned_rings", JT_I64), OUT("size", JT_I64),
	OUT("sha256", JT_TEXT), OUT("loaded_at", JT_TEXT), OUT("loaded_by", JT_TEXT),
	OUT("version", JT_TEXT)};
static const struct json_shape about_shape = JSON_SHAPE("map", 0, about_fields);
static const struct json_field state_fields[] = {
	OUT_WITH("map", JT_OBJECT, .of = &about_shape, .is_nullable = true)};
static const struct json_shape state_shape = JSON_SHAPE("map_state", 0, state_fields);

/* {"map": what is kept about it, or null} */
static enum err get_map(struct http_call *call)
{
	struct json_node *about;
	struct str text;

	TRY(place_get(&call->cx, service_of(call)->place, "map_about", &text));
	json_object(&call->json);
	json_key(&call->json, "map");
	if (text.n) {
		TRY(json_parse(&call->cx, text, &about));
		json_node(&call->json, about);
	} else {
		json_null(&call->json);
	}
	json_end_object(&call->json);
	return ERR_OK;
}

static enum err get_areas(struct http_call *call)
{
	struct str text;

	TRY(place_get(&call->cx, service_of(call)->place, "map", &text));
	if (!text.n)
		return ctx_fail(&call->cx, ERR_NOT_FOUND, "%s",
			TR(&call->cx, "没有装入地图", "no map is loaded"));
	http_reply_text(call, "application/geo+json", text);
	return ERR_OK;
}

/* ---- loading ---- */

static bool map_has(const struct geo_map *m, struct str code)
{
	for (size_t i = 0; i < m->areas.count; i++)
		if (str_eq(m->areas.items[i].code, code))
			return true;
	return false;
}

static bool is_county(const struct org *org)
{
	return org && str_eq(org->county, org->code);
}

/* Every area is a county of the tree, and every county has an area. */
static void check_counties(struct http_call *call, const struct geo_map *m)
{
	const struct org_tree *tree = service_of(call)->tree;
	struct ctx *cx = &call->cx;

	for (size_t i = 0; i < m->areas.count; i++)
		if (!is_county(org_find(tree, m->areas.items[i].code)))
			http_fault(call, arena_printf(cx->mem, "/features/%zu/properties", i),
				TR(cx, "机构树里没有县区 " STR_FMT,
					"the tree has no county " STR_FMT),
				STR_ARG(m->areas.items[i].code));
	for (size_t i = 0; i < tree->count; i++) {
		const struct org *org = &tree->items[i];
		if (is_county(org) && !map_has(m, org->code))
			http_fault(call, "/features",
				TR(cx, "缺少县区 " STR_FMT " " STR_FMT,
					"county " STR_FMT " " STR_FMT " is missing"),
				STR_ARG(org->code), STR_ARG(org->name));
	}
}

static enum err check_map(struct http_call *call, struct geo_map *m)
{
	if (call->body.n > MAP_BYTES_MAX)
		return ctx_fail(&call->cx, ERR_TOO_LARGE,
			TR(&call->cx, "地图超过 %zu 字节, 请先简化边界",
				"the map is over %zu bytes: simplify its borders"),
			MAP_BYTES_MAX);
	TRY(geojson_check(&call->cx, call->body, http_query(call, "property"), m, &call->faults));
	if (call->faults.list.count == 0)
		check_counties(call, m);
	return http_check(call);
}

static void write_about(
	struct http_call *call, struct json_writer *w, const struct geo_map *m, const char *sha256)
{
	int64_t points = 0;

	for (size_t i = 0; i < m->areas.count; i++)
		points += m->areas.items[i].points;
	json_object(w);
	json_field_str(w, "approval", http_query(call, "approval"));
	json_field_str(w, "file", http_query(call, "name"));
	json_field_str(w, "coordinates", http_query(call, "coordinates"));
	json_field_str(w, "property", http_query(call, "property"));
	json_field_i64(w, "areas", (int64_t)m->areas.count);
	json_field_i64(w, "points", points);
	json_field_i64(w, "turned_rings", m->turned_rings);
	json_field_i64(w, "size", (int64_t)call->body.n);
	json_field_z(w, "sha256", sha256);
	json_field_instant(w, "loaded_at", call->cx.now_us);
	json_field_str(w, "loaded_by", call->cx.user);
	json_field_id(w, "version", call->cx.now_us);
	json_end_object(w);
}

static enum err put_map(struct http_call *call)
{
	struct open_place *place = service_of(call)->place;
	char sha256[DIGEST_HEX];
	struct json_writer w;
	struct strbuf b;
	struct geo_map m;
	struct str about;

	TRY(check_map(call, &m));
	TRY(digest_bytes(&call->cx, DIGEST_SHA256, call->body, sha256));
	strbuf_init(&b, 65536);
	json_begin(&w, &b);
	write_about(call, &w, &m, sha256);
	about = str_copy(call->cx.mem, strbuf_view(&b));
	strbuf_release(&b);
	TRY(place_set(&call->cx, place, "map", call->body));
	TRY(place_set(&call->cx, place, "map_about", about));
	TRY(call_note(call, "map.load", http_query(call, "approval"), str_from(sha256)));
	return get_map(call);
}

static enum err delete_map(struct http_call *call)
{
	struct open_place *place = service_of(call)->place;

	TRY(place_set(&call->cx, place, "map", STR("")));
	TRY(place_set(&call->cx, place, "map_about", STR("")));
	return call_note(call, "map.drop", STR("map"), STR(""));
}

/* CGCS2000 and WGS 84 agree within what a screen shows; GCJ-02 is shifted by hundreds of metres. */
static const char *const systems[] = {"cgcs2000", "wgs84", "gcj02", NULL};
static const struct query_field put_query[] = {{.name = "approval",
						       .type = QUERY_TEXT,
						       .is_required = true,
						       .zh = "审图号",
						       .en = "the approval number of the map"},
	{.name = "coordinates",
		.type = QUERY_TEXT,
		.choices = systems,
		.is_required = true,
		.zh = "坐标系",
		.en = "the coordinate system"},
	{.name = "property",
		.type = QUERY_TEXT,
		.is_required = true,
		.zh = "存放县区代码的属性名",
		.en = "the property that holds a county's code"},
	{.name = "name",
		.type = QUERY_TEXT,
		.is_required = true,
		.zh = "文件名",
		.en = "the file's name"},
	QUERY_END};

const struct route map_routes[] = {
	{.path = "/api/map",
		.on = "",
		.reply = &state_shape,
		.handle = get_map,
		.zh = "装入的地图, 没有时为 null",
		.en = "The map that is loaded, or null"},
	{.path = "/api/map/areas",
		.on = "",
		.media = "application/geo+json",
		.handle = get_areas,
		.zh = "地图的 GeoJSON",
		.en = "The map as GeoJSON"},
	{.method = HTTP_PUT,
		.path = "/api/map",
		.on = "map",
		.may = "configure",
		.tx = HTTP_WRITE,
		.query = put_query,
		.takes_file = true,
		.reply = &state_shape,
		.handle = put_map,
		.zh = "装入经审批的地图 (GeoJSON, 每个县区一个 Feature)",
		.en = "Load an approved map: GeoJSON with a Feature for each county"},
	{.method = HTTP_DELETE,
		.path = "/api/map",
		.on = "map",
		.may = "configure",
		.tx = HTTP_WRITE,
		.handle = delete_map,
		.zh = "撤下地图, 回到示意图",
		.en = "Drop it: the schematic is drawn again"},
	{.path = NULL},
};
