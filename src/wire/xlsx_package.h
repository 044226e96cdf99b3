/*
 * The zip file and the XML parts of a workbook, read with every limit in place: inflated bytes,
 * ratio, no document type (and so no entities), no token that grows without end.
 * Internal to wire/.
 */
#pragma once

#include <expat.h>
#include <zip.h>

#include "wire/table_source.h"

struct xlsx_package {
	struct ctx *cx;
	zip_t *zip;
	uint64_t inflated, inflated_max; /* bytes of all parts read so far */
};

/* Open and check what is a workbook at all; on failure nothing needs closing. */
MUST_CHECK enum err xlsx_package_open(struct xlsx_package *package, struct ctx *cx,
	const struct table_bytes *bytes, uint64_t inflated_max);
void xlsx_package_close(struct xlsx_package *package);
bool xlsx_package_has(const struct xlsx_package *package, struct str part);
/* The whole part in cx->mem; TOO_LARGE over max. */
MUST_CHECK enum err xlsx_package_load(
	struct xlsx_package *package, struct str part, size_t max, struct str *out);

/* A part being inflated. */
struct xlsx_part {
	struct xlsx_package *package;
	struct str name;
	zip_file_t *file;
	uint64_t done, size, packed_size, max;
};

MUST_CHECK enum err xlsx_part_open(
	struct xlsx_package *package, struct str name, uint64_t max, struct xlsx_part *out);
MUST_CHECK enum err xlsx_part_read(struct xlsx_part *part, char *p, size_t n, size_t *out_got);
void xlsx_part_close(struct xlsx_part *part);

/*
 * Expat over a part: for all parts but the sheets, which xlsx_scan.h reads. Handlers get the
 * xlsx_xml as their user data; they may stop with xlsx_xml_fail.
 */
struct xlsx_xml {
	struct xlsx_part part;
	XML_Parser parser;
	enum err error;
	bool is_done;
	void *user;
	uint64_t fed; /* bytes given to expat */
};

MUST_CHECK enum err xlsx_xml_open(struct xlsx_xml *xml, struct xlsx_package *package,
	struct str part, uint64_t max, void *user);
MUST_CHECK enum err xlsx_xml_run(struct xlsx_xml *xml);
void xlsx_xml_close(struct xlsx_xml *xml);
void xlsx_xml_fail(struct xlsx_xml *xml, enum err e); /* ctx_fail has been called */
/* Parse a whole part with the two element handlers and text (may be NULL). */
MUST_CHECK enum err xlsx_xml_parse(struct xlsx_package *package, struct str part, uint64_t max,
	XML_StartElementHandler start, XML_EndElementHandler end, XML_CharacterDataHandler text,
	void *user);

/* Name without its prefix: workbooks may write x:row for row. */
const char *xlsx_local_name(const XML_Char *name);
bool xlsx_is(const XML_Char *name, const char *local);
/* The attribute of that local name, or NULL. */
const char *xlsx_attribute(const XML_Char **attributes, const char *local);

/* A relation of a part: its kind is the last word of the type URI, the same in strict form. */
struct xlsx_relation {
	struct str id, kind, target; /* target is a part name */
};
struct xlsx_relations {
	struct arena *mem;
	VEC(struct xlsx_relation) list;
	struct str base; /* the part they belong to; empty for the package */
};

/* No relations when the part has none. */
MUST_CHECK enum err xlsx_relations_load(
	struct xlsx_package *package, struct str part, struct xlsx_relations *out);
const struct xlsx_relation *xlsx_relation_by_kind(
	const struct xlsx_relations *rels, const char *kind);
const struct xlsx_relation *xlsx_relation_by_id(const struct xlsx_relations *rels, const char *id);
/* "xl/_rels/workbook.xml.rels" for "xl/workbook.xml". */
struct str xlsx_relations_part(struct arena *mem, struct str part);
