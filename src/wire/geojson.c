#include "wire/geojson.h"

#include "base/map.h"

struct check {
	struct ctx *cx;
	struct str property;
	struct geo_map *map;
	struct json_faults *faults;
	struct strmap seen; /* codes */
	struct str at;      /* the path of the feature */
	struct geo_area area;
};

static bool is_full(const struct check *c)
{
	return c->faults->list.count >= GEOJSON_FAULTS_MAX;
}

static void fault(struct check *c, const char *below, const char *zh, const char *en)
{
	if (!is_full(c))
		json_fault(c->cx, c->faults,
			str_printf(c->cx->mem, STR_FMT "%s", STR_ARG(c->at), below), "%s",
			TR(c->cx, zh, en));
}

static bool text_is(const struct json_node *node, const char *value)
{
	return node && node->kind == JSON_TEXT && str_is(node->text, value);
}

static bool is_list(const struct json_node *node)
{
	return node && node->kind == JSON_LIST;
}

struct position {
	double lon, lat;
};

/* [lon, lat] or [lon, lat, height]. */
static bool take_position(const struct json_node *node, struct position *out)
{
	const struct json_node *lon = is_list(node) ? node->first : NULL;
	const struct json_node *lat = lon ? lon->next : NULL;

	if (!lat || lon->kind != JSON_NUMBER || lat->kind != JSON_NUMBER)
		return false;
	return parse_f64(lon->text, &out->lon) == NUM_OK &&
	       parse_f64(lat->text, &out->lat) == NUM_OK && out->lon >= -180 && out->lon <= 180 &&
	       out->lat >= -90 && out->lat <= 90;
}

static void extend(struct geo_map *m, struct position p)
{
	m->west = p.lon < m->west ? p.lon : m->west;
	m->east = p.lon > m->east ? p.lon : m->east;
	m->south = p.lat < m->south ? p.lat : m->south;
	m->north = p.lat > m->north ? p.lat : m->north;
}

/* Twice the signed area by the shoelace: positive when it runs counter-clockwise. */
static void check_ring(struct check *c, const struct json_node *ring, bool is_outer)
{
	struct position first = {0}, last = {0}, p = {0};
	double area = 0;
	int64_t n = 0;

	for (const struct json_node *i = is_list(ring) ? ring->first : NULL; i; i = i->next, n++) {
		if (!take_position(i, &p)) {
			fault(c, "/geometry", "坐标应为 [经度, 纬度], 在 ±180 和 ±90 之内",
				"a position should be [longitude, latitude], within ±180 and ±90");
			return;
		}
		extend(c->map, p);
		if (n == 0)
			first = p;
		else /* about the first position: small numbers keep their digits */
			area += (last.lon - first.lon) * (p.lat - first.lat) -
				(p.lon - first.lon) * (last.lat - first.lat);
		last = p;
	}
	c->area.rings++;
	c->area.points += n;
	if (n < 4)
		fault(c, "/geometry", "一圈至少要有 4 个坐标",
			"a ring has four positions at least");
	else if (first.lon < last.lon || first.lon > last.lon || first.lat < last.lat ||
		 first.lat > last.lat)
		fault(c, "/geometry", "圈没有闭合: 首尾坐标应相同",
			"the ring is not closed: its first and last positions should be the same");
	else if (!(area < 0) && !(area > 0))
		fault(c, "/geometry", "圈没有面积", "the ring has no extent");
	c->map->turned_rings += is_outer && area < 0;
}

static void check_polygon(struct check *c, const struct json_node *rings)
{
	if (!is_list(rings) || !rings->first) {
		fault(c, "/geometry/coordinates", "应为圈的列表", "should be a list of rings");
		return;
	}
	for (const struct json_node *r = rings->first; r && !is_full(c); r = r->next)
		check_ring(c, r, r == rings->first);
}

static void check_geometry(struct check *c, const struct json_node *geometry)
{
	const struct json_node *type = json_get(geometry, "type");
	const struct json_node *coordinates = json_get(geometry, "coordinates");

	if (text_is(type, "Polygon"))
		check_polygon(c, coordinates);
	else if (!text_is(type, "MultiPolygon"))
		fault(c, "/geometry", "应为 Polygon 或 MultiPolygon",
			"should be a Polygon or a MultiPolygon");
	else if (!is_list(coordinates) || !coordinates->first)
		fault(c, "/geometry/coordinates", "应为多边形的列表",
			"should be a list of polygons");
	else
		for (const struct json_node *p = coordinates->first; p && !is_full(c); p = p->next)
			check_polygon(c, p);
}

static void check_code(struct check *c, const struct json_node *properties)
{
	const struct json_node *code = json_get(properties, str_z(c->cx->mem, c->property));
	bool is_new;

	if (!code || (code->kind != JSON_TEXT && code->kind != JSON_NUMBER) || !code->text.n) {
		fault(c, "/properties", "没有写明代码的属性",
			"the property with the code is missing");
		return;
	}
	c->area.code = code->text;
	(void)strmap_put(&c->seen, code->text, &is_new);
	if (!is_new)
		fault(c, "/properties", "代码重复", "this code stands twice");
}

static void check_feature(struct check *c, const struct json_node *feature)
{
	c->area = (struct geo_area){0};
	if (!text_is(json_get(feature, "type"), "Feature")) {
		fault(c, "/type", "应为 Feature", "should be a Feature");
		return;
	}
	check_code(c, json_get(feature, "properties"));
	check_geometry(c, json_get(feature, "geometry"));
	*VEC_PUSH(c->cx->mem, &c->map->areas) = c->area;
}

static void check_collection(struct check *c, const struct json_node *root)
{
	const struct json_node *features = json_get(root, "features");
	size_t i = 0;

	if (!text_is(json_get(root, "type"), "FeatureCollection"))
		fault(c, "/type", "应为 FeatureCollection", "should be a FeatureCollection");
	if (json_get(root, "crs"))
		fault(c, "/crs", "RFC 7946 不用 crs: 坐标是经纬度, 坐标系另行说明",
			"RFC 7946 knows no crs: positions are longitude and latitude");
	if (!is_list(features) || !features->first)
		fault(c, "/features", "没有区域", "there are no features");
	else
		for (const struct json_node *f = features->first; f && !is_full(c); f = f->next) {
			c->at = str_printf(c->cx->mem, "/features/%zu", i);
			if (i++ >= GEOJSON_AREAS_MAX) {
				fault(c, "", "区域太多", "too many features");
				return;
			}
			check_feature(c, f);
		}
}

enum err geojson_check(struct ctx *cx, struct str text, struct str property, struct geo_map *out,
	struct json_faults *faults)
{
	struct check c = {
		.cx = cx, .property = property, .map = out, .faults = faults, .at = STR("")};
	struct json_node *root;

	*out = (struct geo_map){.west = 180, .south = 90, .east = -180, .north = -90};
	strmap_init(&c.seen, cx->mem);
	TRY(json_parse(cx, text, &root));
	check_collection(&c, root);
	return ERR_OK;
}
