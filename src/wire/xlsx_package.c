#include "wire/xlsx_package.h"

enum {
	RATIO_MAX = 400,       /* deflate reaches 1032; real sheets stay well under 100 */
	RATIO_FREE = 32 << 20, /* bytes before the ratio counts */
	TOKEN_MAX = 4 << 20,   /* bytes of one XML token: a tag, a comment */
	XML_WINDOW = 1 << 16,
	RELATIONS_PART_MAX = 16 << 20,
};

static enum err refuse_damaged(struct ctx *cx)
{
	return ctx_fail(cx, ERR_REJECTED,
		TR(cx, "工作簿不完整或已损坏（可能没有传完），请重新保存后上传",
			"the workbook is damaged or truncated: save and send it again"));
}

bool xlsx_package_has(const struct xlsx_package *package, struct str part)
{
	return part.n &&
	       zip_name_locate(package->zip, str_z(package->cx->mem, part), ZIP_FL_NOCASE) >= 0;
}

/* The zip is readable; is it an .xlsx without macros? */
static enum err check_kind(struct xlsx_package *package)
{
	struct ctx *cx = package->cx;

	if (xlsx_package_has(package, STR("xl/vbaProject.bin")))
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "工作簿含有宏（.xlsm），请另存为不含宏的 .xlsx 后上传",
				"the workbook holds macros (.xlsm): save it as .xlsx without "
				"macros"));
	if (xlsx_package_has(package, STR("xl/workbook.bin")))
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "这是二进制工作簿（.xlsb），请另存为 .xlsx 后上传",
				"this is a binary workbook (.xlsb): save it as .xlsx"));
	if (xlsx_package_has(package, STR("content.xml")) &&
		xlsx_package_has(package, STR("mimetype")))
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "这是 OpenDocument 文件（.ods），请另存为 .xlsx 后上传",
				"this is an OpenDocument file (.ods): save it as .xlsx"));
	if (!xlsx_package_has(package, STR("_rels/.rels")))
		return ctx_fail(cx, ERR_UNSUPPORTED,
			TR(cx, "这是压缩文件，不是 .xlsx 工作簿",
				"this is a zip file, but not an .xlsx workbook"));
	return ERR_OK;
}

enum err xlsx_package_open(struct xlsx_package *package, struct ctx *cx,
	const struct table_bytes *bytes, uint64_t inflated_max)
{
	enum err e;

	*package = (struct xlsx_package){.cx = cx, .inflated_max = inflated_max};
	if (bytes->path) {
		int code = 0;
		package->zip = zip_open(bytes->path, ZIP_RDONLY, &code);
	} else {
		zip_error_t error;
		zip_source_t *source;
		zip_error_init(&error);
		source = zip_source_buffer_create(bytes->memory.p, bytes->memory.n, 0, &error);
		package->zip = source ? zip_open_from_source(source, ZIP_RDONLY, &error) : NULL;
		if (source && !package->zip)
			zip_source_free(source);
		zip_error_fini(&error);
	}
	if (!package->zip)
		return refuse_damaged(cx);
	e = check_kind(package);
	if (e != ERR_OK)
		xlsx_package_close(package);
	return e;
}

void xlsx_package_close(struct xlsx_package *package)
{
	if (package->zip)
		zip_discard(package->zip);
	package->zip = NULL;
}

enum err xlsx_part_open(
	struct xlsx_package *package, struct str name, uint64_t max, struct xlsx_part *out)
{
	struct ctx *cx = package->cx;
	zip_stat_t st;
	zip_int64_t index = zip_name_locate(package->zip, str_z(cx->mem, name), ZIP_FL_NOCASE);
	zip_file_t *file;

	if (index < 0 || zip_stat_index(package->zip, (zip_uint64_t)index, 0, &st) < 0 ||
		!(st.valid & ZIP_STAT_SIZE) || !(st.valid & ZIP_STAT_COMP_SIZE))
		return refuse_damaged(cx);
	if ((st.valid & ZIP_STAT_ENCRYPTION_METHOD) && st.encryption_method != ZIP_EM_NONE)
		return ctx_fail(cx, ERR_REJECTED,
			TR(cx, "文件加了密码，请取消密码后重新上传",
				"the file is encrypted: remove the password and try again"));
	file = zip_fopen_index(package->zip, (zip_uint64_t)index, 0);
	if (!file)
		return refuse_damaged(cx);
	*out = (struct xlsx_part){.package = package,
		.name = str_copy(cx->mem, name),
		.file = file,
		.size = st.size,
		.packed_size = MAX(st.comp_size, 1),
		.max = max};
	return ERR_OK;
}

enum err xlsx_part_read(struct xlsx_part *part, char *p, size_t n, size_t *out_got)
{
	struct xlsx_package *package = part->package;
	zip_int64_t got = zip_fread(part->file, p, n);

	if (got < 0)
		return refuse_damaged(package->cx);
	part->done += (uint64_t)got;
	package->inflated += (uint64_t)got;
	if (part->done > part->max || package->inflated > package->inflated_max ||
		(part->done > RATIO_FREE && part->done / RATIO_MAX > part->packed_size))
		return ctx_fail(package->cx, ERR_TOO_LARGE,
			TR(package->cx, "工作簿解压后太大（%s），超过上限",
				"the workbook is too large once unpacked (%s)"),
			part->name.p);
	*out_got = (size_t)got;
	return ERR_OK;
}

void xlsx_part_close(struct xlsx_part *part)
{
	if (part->file)
		zip_fclose(part->file);
	part->file = NULL;
}

enum err xlsx_package_load(
	struct xlsx_package *package, struct str part, size_t max, struct str *out)
{
	struct xlsx_part file;
	struct strbuf text;
	char window[8192];
	size_t got = 1;
	enum err e;

	TRY(xlsx_part_open(package, part, max, &file));
	strbuf_init(&text, max + 1);
	for (e = ERR_OK; e == ERR_OK && got > 0;) {
		e = xlsx_part_read(&file, window, sizeof window, &got);
		if (e == ERR_OK)
			strbuf_add(&text, window, got);
	}
	if (e == ERR_OK)
		*out = str_copy(package->cx->mem, strbuf_view(&text));
	strbuf_release(&text);
	xlsx_part_close(&file);
	return e;
}

static void XMLCALL refuse_doctype(void *data, const XML_Char *name, const XML_Char *sysid,
	const XML_Char *pubid, int has_internal_subset)
{
	struct xlsx_xml *xml = data;
	struct ctx *cx = xml->part.package->cx;

	(void)name;
	(void)sysid;
	(void)pubid;
	(void)has_internal_subset;
	xlsx_xml_fail(xml, ctx_fail(cx, ERR_REJECTED,
				   TR(cx, "工作簿含有不允许的 XML 声明（DOCTYPE）",
					   "the workbook holds an XML document type, which is not "
					   "allowed")));
}

enum err xlsx_xml_open(struct xlsx_xml *xml, struct xlsx_package *package, struct str part,
	uint64_t max, void *user)
{
	*xml = (struct xlsx_xml){.user = user};
	TRY(xlsx_part_open(package, part, max, &xml->part));
	xml->parser = XML_ParserCreate(NULL);
	if (!xml->parser)
		BUG("out of memory");
	XML_SetUserData(xml->parser, xml);
	XML_SetStartDoctypeDeclHandler(xml->parser, refuse_doctype);
	return ERR_OK;
}

void xlsx_xml_close(struct xlsx_xml *xml)
{
	if (xml->parser)
		XML_ParserFree(xml->parser);
	xml->parser = NULL;
	xlsx_part_close(&xml->part);
}

void xlsx_xml_fail(struct xlsx_xml *xml, enum err e)
{
	if (xml->error == ERR_OK) {
		xml->error = e;
		XML_StopParser(xml->parser, XML_FALSE);
	}
}

static enum err explain_xml(struct xlsx_xml *xml)
{
	struct ctx *cx = xml->part.package->cx;

	if (xml->error != ERR_OK)
		return xml->error;
	return ctx_fail(cx, ERR_REJECTED,
		TR(cx, "工作簿的 %s 第 %lu 行不是正确的 XML：%s",
			"%s of the workbook is malformed at line %lu: %s"),
		xml->part.name.p, (unsigned long)XML_GetCurrentLineNumber(xml->parser),
		XML_ErrorString(XML_GetErrorCode(xml->parser)));
}

/* Give expat one more window of the part. */
static enum err feed(struct xlsx_xml *xml, enum XML_Status *out_status)
{
	struct ctx *cx = xml->part.package->cx;
	void *window = XML_GetBuffer(xml->parser, XML_WINDOW);
	size_t got = 0;

	if (!window)
		return explain_xml(xml);
	TRY(xlsx_part_read(&xml->part, window, XML_WINDOW, &got));
	xml->fed += got;
	xml->is_done = got == 0;
	*out_status = XML_ParseBuffer(xml->parser, (int)got, got == 0);
	/* Expat reads an unfinished token again with every window: bound it. */
	if (*out_status == XML_STATUS_OK && !xml->is_done) {
		XML_Index at = XML_GetCurrentByteIndex(xml->parser);
		if (at >= 0 && xml->fed - (uint64_t)at > TOKEN_MAX)
			return ctx_fail(cx, ERR_TOO_LARGE,
				TR(cx, "工作簿的 %s 有过长的标记", "%s holds an overlong token"),
				xml->part.name.p);
	}
	return ERR_OK;
}

enum err xlsx_xml_run(struct xlsx_xml *xml)
{
	enum XML_Status status = XML_STATUS_OK;

	while (status == XML_STATUS_OK && !xml->is_done)
		TRY(feed(xml, &status));
	if (status == XML_STATUS_ERROR || xml->error != ERR_OK)
		return explain_xml(xml);
	return ERR_OK;
}

enum err xlsx_xml_parse(struct xlsx_package *package, struct str part, uint64_t max,
	XML_StartElementHandler start, XML_EndElementHandler end, XML_CharacterDataHandler text,
	void *user)
{
	struct xlsx_xml xml;
	enum err e = xlsx_xml_open(&xml, package, part, max, user);

	if (e == ERR_OK) {
		XML_SetElementHandler(xml.parser, start, end);
		XML_SetCharacterDataHandler(xml.parser, text);
		e = xlsx_xml_run(&xml);
	}
	xlsx_xml_close(&xml);
	return e;
}

const char *xlsx_local_name(const XML_Char *name)
{
	const char *colon = strchr(name, ':');

	return colon ? colon + 1 : name;
}

bool xlsx_is(const XML_Char *name, const char *local)
{
	return strcmp(xlsx_local_name(name), local) == 0;
}

const char *xlsx_attribute(const XML_Char **attributes, const char *local)
{
	for (size_t i = 0; attributes[i]; i += 2)
		if (xlsx_is(attributes[i], local))
			return attributes[i + 1];
	return NULL;
}

struct str xlsx_relations_part(struct arena *mem, struct str part)
{
	size_t slash = part.n;

	while (slash > 0 && part.p[slash - 1] != '/')
		slash--;
	return str_printf(mem, STR_FMT "_rels/" STR_FMT ".rels", STR_ARG(str_sub(part, 0, slash)),
		STR_ARG(str_sub(part, slash, part.n)));
}

/* Part name of a target: absolute, or relative to the folder of base. */
static struct str resolve(struct arena *mem, struct str base, struct str target)
{
	struct str folder = base;

	if (str_starts(target, "/"))
		return str_copy(mem, str_sub(target, 1, target.n));
	while (folder.n && folder.p[folder.n - 1] != '/')
		folder.n--;
	for (;;) {
		if (str_starts(target, "./")) {
			target = str_sub(target, 2, target.n);
		} else if (str_starts(target, "../") && folder.n) {
			target = str_sub(target, 3, target.n);
			folder.n--;
			while (folder.n && folder.p[folder.n - 1] != '/')
				folder.n--;
		} else {
			break;
		}
	}
	return str_printf(mem, STR_FMT STR_FMT, STR_ARG(folder), STR_ARG(target));
}

static void XMLCALL relation_start(void *data, const XML_Char *name, const XML_Char **attributes)
{
	struct xlsx_relations *rels = ((struct xlsx_xml *)data)->user;
	const char *id = xlsx_attribute(attributes, "Id");
	const char *type = xlsx_attribute(attributes, "Type");
	const char *target = xlsx_attribute(attributes, "Target");
	const char *slash;

	if (!xlsx_is(name, "Relationship") || !id || !type || !target)
		return;
	slash = strrchr(type, '/');
	*VEC_PUSH(rels->mem, &rels->list) = (struct xlsx_relation){
		.id = str_copy(rels->mem, str_from(id)),
		.kind = str_copy(rels->mem, str_from(slash ? slash + 1 : type)),
		.target = resolve(rels->mem, rels->base, str_from(target)),
	};
}

enum err xlsx_relations_load(
	struct xlsx_package *package, struct str part, struct xlsx_relations *out)
{
	struct arena *mem = package->cx->mem;
	struct str file = xlsx_relations_part(mem, part);

	*out = (struct xlsx_relations){.mem = mem, .base = str_copy(mem, part)};
	if (!xlsx_package_has(package, file))
		return ERR_OK;
	return xlsx_xml_parse(package, file, RELATIONS_PART_MAX, relation_start, NULL, NULL, out);
}

const struct xlsx_relation *xlsx_relation_by_kind(
	const struct xlsx_relations *rels, const char *kind)
{
	for (size_t i = 0; i < rels->list.count; i++)
		if (str_is(rels->list.items[i].kind, kind))
			return &rels->list.items[i];
	return NULL;
}

const struct xlsx_relation *xlsx_relation_by_id(const struct xlsx_relations *rels, const char *id)
{
	for (size_t i = 0; i < rels->list.count; i++)
		if (str_is(rels->list.items[i].id, id))
			return &rels->list.items[i];
	return NULL;
}
