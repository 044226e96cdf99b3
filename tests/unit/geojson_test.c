/* What a map may be, and that each fault is named where it stands. */
#include "wire/geojson.h"

#include <setjmp.h>
#include <cmocka.h>

#define SQUARE    "[[[0,0],[1,0],[1,1],[0,1],[0,0]]]"
#define BACKWARDS "[[[0,0],[0,1],[1,1],[1,0],[0,0]]]"
#define FEATURE(code, type, coordinates)                                                           \
	"{\"type\":\"Feature\",\"properties\":{\"code\":" code "},\"geometry\":{\"type\":\"" type  \
	"\",\"coordinates\":" coordinates "}}"
#define MAP(features) "{\"type\":\"FeatureCollection\",\"features\":[" features "]}"

/* The faults as "path: text" lines; "" when there are none. */
static const char *faults_of(struct ctx *cx, const char *text, struct geo_map *m)
{
	struct json_faults faults = {0};
	const char *out = "";

	assert_int_equal(geojson_check(cx, str_from(text), STR("code"), m, &faults), ERR_OK);
	for (size_t i = 0; i < faults.list.count; i++)
		out = arena_printf(cx->mem, "%s" STR_FMT ": " STR_FMT "\n", out,
			STR_ARG(faults.list.items[i].path), STR_ARG(faults.list.items[i].text));
	return out;
}

static void a_map_is_read_with_its_codes_and_bounds(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct geo_map m;
	(void)state;

	assert_string_equal(
		faults_of(&cx,
			MAP(FEATURE("\"141102\"", "Polygon", SQUARE) "," FEATURE("141121",
				"MultiPolygon",
				"[" SQUARE ",[[[110.5,37,900],[112,37],[112,38.25],[110.5,37]]]]")),
			&m),
		"");
	assert_int_equal(m.areas.count, 2);
	assert_true(str_is(m.areas.items[0].code, "141102"));
	assert_true(str_is(m.areas.items[1].code, "141121"));
	assert_int_equal(m.areas.items[1].rings, 2);
	assert_int_equal(m.areas.items[1].points, 9);
	assert_true(m.west <= 0 && m.east >= 112 && m.south <= 0 && m.north >= 38.25);
	assert_int_equal(m.turned_rings, 0);
	arena_free(cx.mem);
}

static void rings_against_the_clock_are_counted_not_refused(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct geo_map m;
	(void)state;

	assert_string_equal(faults_of(&cx, MAP(FEATURE("\"a\"", "Polygon", BACKWARDS)), &m), "");
	assert_int_equal(m.turned_rings, 1);
	arena_free(cx.mem);
}

static void each_fault_is_named_where_it_stands(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{"[]", "/type: should be a FeatureCollection"},
		{MAP(""), "/features: there are no features"},
		{"{\"type\":\"FeatureCollection\",\"crs\":{},\"features\":[" FEATURE(
			 "1", "Polygon", SQUARE) "]}",
			"/crs: RFC 7946 knows no crs"},
		{MAP("{\"type\":\"Point\"}"), "/features/0/type: should be a Feature"},
		{MAP(FEATURE("null", "Polygon", SQUARE)), "/features/0/properties: the property"},
		{MAP(FEATURE("1", "Polygon", SQUARE) "," FEATURE("\"1\"", "Polygon", SQUARE)),
			"/features/1/properties: this code stands twice"},
		{MAP(FEATURE("1", "Point", "[1,2]")), "/features/0/geometry: should be a Polygon"},
		{MAP(FEATURE("1", "Polygon", "[]")),
			"/features/0/geometry/coordinates: should be a list of rings"},
		{MAP(FEATURE("1", "MultiPolygon", "{}")),
			"/features/0/geometry/coordinates: should be a list of polygons"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[1,0],[0,0]]]")),
			"/features/0/geometry: a ring has four"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[1,0],[1,1],[0,1]]]")),
			"/features/0/geometry: the ring is not closed"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[1,1],[2,2],[0,0]]]")),
			"/features/0/geometry: the ring has no extent"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[181,0],[1,1],[0,0]]]")),
			"/features/0/geometry: a position"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[1,91],[1,1],[0,0]]]")),
			"/features/0/geometry: a position"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[\"1\",0],[1,1],[0,0]]]")),
			"/features/0/geometry: a position"},
		{MAP(FEATURE("1", "Polygon", "[[[0,0],[1],[1,1],[0,0]]]")),
			"/features/0/geometry: a position"},
	};
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct geo_map m;
	(void)state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *said = faults_of(&cx, cases[i].text, &m);
		if (strncmp(said, cases[i].says, strlen(cases[i].says)) != 0)
			fail_msg("%s\n%s", cases[i].text, said);
	}
	arena_free(cx.mem);
}

static void faults_stop_at_a_number_and_no_json_is_told(void **state)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	struct json_faults faults = {0};
	struct geo_map m;
	struct strbuf b;
	(void)state;

	assert_int_equal(geojson_check(&cx, STR("{"), STR("code"), &m, &faults), ERR_INVALID);
	strbuf_init(&b, STRBUF_MAX);
	strbuf_z(&b, "{\"type\":\"FeatureCollection\",\"features\":[0");
	for (int i = 0; i < 3 * GEOJSON_FAULTS_MAX; i++)
		strbuf_z(&b, ",0");
	strbuf_z(&b, "]}");
	assert_int_equal(geojson_check(&cx, strbuf_view(&b), STR("code"), &m, &faults), ERR_OK);
	assert_int_equal(faults.list.count, GEOJSON_FAULTS_MAX);
	strbuf_release(&b);
	arena_free(cx.mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_read_with_its_codes_and_bounds),
		cmocka_unit_test(rings_against_the_clock_are_counted_not_refused),
		cmocka_unit_test(each_fault_is_named_where_it_stands),
		cmocka_unit_test(faults_stop_at_a_number_and_no_json_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
