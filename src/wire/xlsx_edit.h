/*
 * XML that is copied byte by byte and changed only where somebody says so: expat tells where
 * each tag stands, everything between two changes is passed on as it was. Internal to wire/.
 *
 * In a handler, the tag at hand can be kept (do nothing), replaced (xml_edit_replace) or have
 * text put before it (xml_edit_put after xml_edit_reach).
 */
#pragma once

#include "wire/xlsx_package.h"

struct xml_edit {
	struct ctx *cx;
	struct xlsx_part part;
	XML_Parser parser;
	void *user;
	enum err error;
	int depth;         /* of the element at hand; the root has 1 */
	char prefix[32];   /* of the root's name, with its colon; or empty */
	bool is_strict;    /* the root's namespace is the strict one */
	struct strbuf raw; /* input not yet passed on */
	uint64_t base;     /* offset in the part of raw.p[0] */
	uint64_t done;     /* offset up to which input was passed on or dropped */
	bool is_dropping;  /* what is read is not passed on */
	struct strbuf *out;
	FILE *file; /* out is emptied into it as it fills; may be NULL */
	void (*start)(struct xml_edit *edit, const char *name, const XML_Char **attributes);
	void (*end)(struct xml_edit *edit, const char *name);
};

/* Run the part through edit: cx, user, out, file, start and end are set. Names are local. */
MUST_CHECK enum err xml_edit_run(
	struct xml_edit *edit, struct xlsx_package *package, struct str part);
void xml_edit_fail(struct xml_edit *edit, enum err e);

/* The tag at hand, as it stands in the file. */
struct str xml_edit_tag(const struct xml_edit *edit);
/* Is it <a/>? Its end is told at the same place then, behind the tag. */
bool xml_edit_is_empty_tag(const struct xml_edit *edit);
/* Pass on all that stands before the tag. */
void xml_edit_reach(struct xml_edit *edit);
void xml_edit_put(struct xml_edit *edit, const char *fmt, ...) PRINTF(2, 3);
/* Write text, with & < > " and what XML can't hold escaped. */
void xml_edit_put_text(struct xml_edit *edit, struct str text);
/* Put tag in the place of the one at hand. */
void xml_edit_replace(struct xml_edit *edit, struct str tag);
/* Drop the tag at hand and what stands before it. */
void xml_edit_drop(struct xml_edit *edit);

/* A copy of tag with an attribute set, or without it when value is NULL. */
struct str xml_tag_set(struct arena *mem, struct str tag, const char *attribute, const char *value);
void strbuf_xml(struct strbuf *b, struct str text);
