/* The parts of a DOCX beside its body: styles, fonts, frame. Internal to wire/. */
#pragma once

#include "wire/document_internal.h"

#define DOCX_NAMESPACE "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
#define DOCX_RELATIONS "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

/* Ids of the styles that are not in document_looks. */
#define DOCX_NO_ROOM "NoRoom"
#define DOCX_GRID    "TableGrid"
#define DOCX_CELL    "Cell"
#define DOCX_HEADER  "CellHeader"
#define DOCX_DENSE   "Dense" /* behind the two */

struct docx_part {
	const char *name;
	struct str text; /* in cx->mem */
};

#define DOCX_PARTS 11

/* All of them but word/document.xml. */
void docx_parts_make(struct document *d, struct docx_part out[DOCX_PARTS]);
/* Text with & < > and quotes as XML wants them. */
void docx_escape(struct strbuf *b, struct str text);
