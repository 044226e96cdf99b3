/*
 * Puts the marked workbook together: the changed parts in the place of the old ones, all other
 * parts copied still compressed.
 */
#include "wire/xlsx_annotate_parts.h"

#include <errno.h>

#define NEW_COMMENTS    "xl/shurenComments.xml"
#define NEW_SHAPES      "xl/drawings/shurenShapes.vml"
#define NEW_COMMENTS_ID "rIdShurenComments"
#define NEW_SHAPES_ID   "rIdShurenShapes"

enum { UNZIPPED_MAX_GIB = 8 };

/* A part of the output that differs from the input, or is new. */
struct changed_part {
	struct str name;
	struct str text; /* in the arena */
	bool is_file;    /* it is in sheet_file instead */
};

struct annotate {
	struct ctx *cx;
	struct xlsx_book book;
	const struct xlsx_annotation *what;
	const struct xlsx_sheet *sheet;
	struct xlsx_relations rels; /* of the sheet */
	struct red_styles reds;
	struct sheet_annotation walk;
	struct notes notes;
	FILE *sheet_file;
	VEC(struct changed_part) parts;
};

static void keep_part(struct annotate *a, struct str name, struct strbuf *text)
{
	*VEC_PUSH(a->cx->mem, &a->parts) = (struct changed_part){
		.name = name, .text = str_copy(a->cx->mem, strbuf_view(text))};
	strbuf_reset(text);
}

static enum err change_sheet(struct annotate *a)
{
	a->sheet_file = tmpfile();
	if (!a->sheet_file)
		return ctx_fail(a->cx, ERR_IO,
			TR(a->cx, "建不了临时文件：%s", "cannot make a temporary file: %s"),
			strerror(errno));
	TRY(xlsx_relations_load(&a->book.package, a->sheet->part, &a->rels));
	a->reds = (struct red_styles){.mem = a->cx->mem,
		.is_possible = a->book.styles_part.n && a->book.formats.count,
		.first = (uint32_t)a->book.formats.count};
	notes_collect(&a->notes, a->what);
	a->walk = (struct sheet_annotation){.what = a->what,
		.reds = &a->reds,
		.has_table = xlsx_relation_by_kind(&a->rels, "table") != NULL,
		.wants_drawing = a->notes.list.count > 0,
		.new_drawing_id = NEW_SHAPES_ID};
	TRY(sheet_annotate(&a->walk, &a->book, a->sheet->part, a->sheet_file));
	if (fflush(a->sheet_file) != 0 || fseek(a->sheet_file, 0, SEEK_SET) != 0)
		return ctx_fail(a->cx, ERR_IO,
			TR(a->cx, "写临时文件时出错", "cannot write a temporary file"));
	*VEC_PUSH(a->cx->mem, &a->parts) =
		(struct changed_part){.name = a->sheet->part, .is_file = true};
	return ERR_OK;
}

static const char *relation_base(const struct annotate *a)
{
	return a->walk.is_strict
		       ? "http://purl.oclc.org/ooxml/officeDocument/relationships"
		       : "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
}

/* Comments, shapes, and the relations and content types that announce new ones. */
static enum err change_notes(struct annotate *a, struct strbuf *b)
{
	static const char rel[] = "<Relationship xmlns=\"http://schemas.openxmlformats.org/package/"
				  "2006/relationships\" Id=\"%s\" Type=\"%s/%s\" Target=\"/%s\"/>";
	static const char types[] = "http://schemas.openxmlformats.org/package/2006/content-types";
	const struct xlsx_relation *comments = xlsx_relation_by_kind(&a->rels, "comments");
	const struct xlsx_relation *shapes =
		xlsx_relation_by_id(&a->rels, str_z(a->cx->mem, a->walk.drawing_id));
	struct str comments_part = comments ? comments->target : STR_NONE;
	struct str shapes_part = shapes ? shapes->target : STR_NONE;
	struct str rels_part = xlsx_relations_part(a->cx->mem, a->sheet->part);
	struct strbuf extra;
	enum err e;

	TRY(notes_write_comments(&a->notes, &a->book, comments_part, a->walk.is_strict, b));
	keep_part(a, comments ? comments_part : STR(NEW_COMMENTS), b);
	TRY(notes_write_shapes(&a->notes, &a->book, shapes_part, b));
	keep_part(a, shapes ? shapes_part : STR(NEW_SHAPES), b);
	if (comments && shapes)
		return ERR_OK;
	strbuf_init(&extra, 1 << 16);
	if (!comments)
		strbuf_printf(
			&extra, rel, NEW_COMMENTS_ID, relation_base(a), "comments", NEW_COMMENTS);
	if (!shapes)
		strbuf_printf(
			&extra, rel, NEW_SHAPES_ID, relation_base(a), "vmlDrawing", NEW_SHAPES);
	e = part_append(&a->book,
		xlsx_package_has(&a->book.package, rels_part) ? rels_part : STR_NONE,
		"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/"
		"relationships\">",
		strbuf_view(&extra), b);
	keep_part(a, rels_part, b);
	strbuf_reset(&extra);
	if (!comments)
		strbuf_printf(&extra,
			"<Override xmlns=\"%s\" PartName=\"/" NEW_COMMENTS
			"\" ContentType=\"application/"
			"vnd.openxmlformats-officedocument.spreadsheetml.comments+xml\"/>",
			types);
	if (!shapes)
		strbuf_printf(&extra,
			"<Override xmlns=\"%s\" PartName=\"/" NEW_SHAPES
			"\" ContentType=\"application/"
			"vnd.openxmlformats-officedocument.vmlDrawing\"/>",
			types);
	if (e == ERR_OK)
		e = part_append(&a->book, STR("[Content_Types].xml"), NULL, strbuf_view(&extra), b);
	keep_part(a, STR("[Content_Types].xml"), b);
	strbuf_release(&extra);
	return e;
}

static enum err change_parts(struct annotate *a)
{
	struct strbuf b;
	enum err e = ERR_OK;

	TRY(xlsx_book_find_sheet(&a->book, a->what->sheet, &a->sheet));
	TRY(change_sheet(a));
	strbuf_init(&b, STRBUF_MAX);
	if (a->reds.sources.count) {
		e = red_styles_write(&a->reds, &a->book, &b);
		keep_part(a, a->book.styles_part, &b);
	}
	if (e == ERR_OK && a->notes.list.count)
		e = change_notes(a, &b);
	strbuf_release(&b);
	return e;
}

/* NULL on failure. libzip closes a file it was given. */
static zip_source_t *source_of(struct annotate *a, zip_t *out, struct changed_part *part)
{
	zip_source_t *source;

	if (!part->is_file)
		return zip_source_buffer(out, part->text.p, part->text.n, 0);
	/* It can be read once: a second entry of the same name is refused. */
	if (!a->sheet_file)
		return NULL;
	source = zip_source_filep(out, a->sheet_file, 0, -1);
	if (source)
		a->sheet_file = NULL;
	return source;
}

static bool same_name(const char *name, struct str part)
{
	return strlen(name) == part.n && strncasecmp(name, part.p, part.n) == 0;
}

/* Every part of the input in its order, changed ones in their place; then the new ones. */
static bool fill(struct annotate *a, zip_t *out)
{
	zip_t *in = a->book.package.zip;
	bool *is_used = arena_array(a->cx->mem, bool, a->parts.count);
	zip_int64_t count = zip_get_num_entries(in, 0);

	for (zip_int64_t i = 0; i < count; i++) {
		const char *name = zip_get_name(in, (zip_uint64_t)i, 0);
		zip_source_t *source = NULL;
		if (!name)
			return false;
		for (size_t k = 0; k < a->parts.count && !source; k++)
			if (same_name(name, a->parts.items[k].name)) {
				source = source_of(a, out, &a->parts.items[k]);
				is_used[k] = true;
				/* The file can be read once; a second entry of the name is refused.
				 */
				if (!source)
					return false;
			}
		if (!source)
			source = zip_source_zip(out, in, (zip_uint64_t)i, ZIP_FL_COMPRESSED, 0, -1);
		if (!source || zip_file_add(out, name, source, ZIP_FL_ENC_UTF_8) < 0) {
			if (source)
				zip_source_free(source);
			return false;
		}
	}
	for (size_t k = 0; k < a->parts.count; k++) {
		zip_source_t *source = is_used[k] ? NULL : source_of(a, out, &a->parts.items[k]);
		if (is_used[k])
			continue;
		if (!source || zip_file_add(out, str_z(a->cx->mem, a->parts.items[k].name), source,
				       ZIP_FL_ENC_UTF_8) < 0) {
			if (source)
				zip_source_free(source);
			return false;
		}
	}
	return true;
}

static enum err write_workbook(struct annotate *a, const char *path)
{
	struct ctx *cx = a->cx;
	int code = 0;
	zip_t *out = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);

	if (!out)
		return ctx_fail(cx, ERR_IO, TR(cx, "写不了工作簿 %s", "cannot write %s"), path);
	if (!fill(a, out) || zip_close(out) < 0) {
		enum err e =
			ctx_fail(cx, ERR_IO, TR(cx, "写不了工作簿 %s：%s", "cannot write %s: %s"),
				path, zip_strerror(out));
		zip_discard(out);
		return e;
	}
	return ERR_OK;
}

static bool is_sorted(const struct xlsx_annotation *what)
{
	for (size_t i = 0; i < what->mark_count; i++) {
		const struct xlsx_mark *mark = &what->marks[i];
		if (mark->row < 1 || mark->row > TABLE_ROWS_MAX)
			return false;
		if (i && (mark[-1].row > mark->row ||
				 (mark[-1].row == mark->row && mark[-1].column > mark->column)))
			return false;
	}
	return what->header_row == 0 || what->problem_column < TABLE_COLUMNS_MAX;
}

enum err xlsx_annotate(struct ctx *cx, const char *in_path, const char *out_path,
	const struct xlsx_annotation *annotation)
{
	struct annotate a = {.cx = cx, .what = annotation, .notes = {.mem = cx->mem}};
	struct table_bytes bytes = {.fd = -1, .path = in_path};
	enum err e;

	assert(is_sorted(annotation));
	TRY(xlsx_book_open(&a.book, cx, &bytes, (uint64_t)UNZIPPED_MAX_GIB << 30));
	e = change_parts(&a);
	if (e == ERR_OK)
		e = write_workbook(&a, out_path);
	if (a.sheet_file)
		fclose(a.sheet_file);
	xlsx_book_close(&a.book);
	return e;
}
