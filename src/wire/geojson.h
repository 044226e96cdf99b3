/*
 * Maps of areas as GeoJSON (RFC 7946): a FeatureCollection of Polygons and MultiPolygons, one
 * Feature for each area, which a property of it names by code. Read to be checked; the text is
 * passed on as it is.
 *
 * Faults: a member of the wrong type, an empty collection, a Feature without code or with that
 * of another, a ring of fewer than four positions, not closed, or without extent, a longitude
 * outside -180..180 or a latitude outside -90..90, and a "crs" member (RFC 7946 has only one).
 * The direction of rings is not a fault: readers should not refuse what older tools wrote.
 */
#pragma once

#include "wire/json_shape.h"

#define GEOJSON_AREAS_MAX  2000
#define GEOJSON_FAULTS_MAX 50

struct geo_area {
	struct str code;
	int64_t rings, points; /* the closing position of a ring counts */
};

struct geo_map {
	VEC(struct geo_area) areas; /* in the order of the file */
	double west, south, east, north;
	int64_t turned_rings; /* outer rings that run clockwise, against RFC 7946 */
};

/*
 * Check text; what is wrong is added to faults with its path ("/features/3/geometry"), at most
 * GEOJSON_FAULTS_MAX of them. `property` holds an area's code, as text or number. out is whole
 * when no fault was added. In cx->mem.
 * Fails: INVALID (no JSON).
 */
MUST_CHECK enum err geojson_check(struct ctx *cx, struct str text, struct str property,
	struct geo_map *out, struct json_faults *faults);
