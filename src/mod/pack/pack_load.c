/*
 * From files to one pack. Documents are merged as YAML nodes before any shape reads them, so
 * that an override is a plain laying-over and the shapes need to know nothing of it.
 */
#include "mod/pack/pack_internal.h"

struct document {
	struct yaml_node *root;
	struct str kind, id, pack;
};

struct loader {
	struct problems *ps;
	const struct pack_files *files;
	VEC(struct document) documents;
	struct strmap by_key; /* "kind id" -> position + 1 in documents */
};

static struct str key_of(struct arena *mem, struct str kind, struct str id)
{
	return str_printf(mem, STR_FMT " " STR_FMT, STR_ARG(kind), STR_ARG(id));
}

/* What names a mapping inside a list: its id, name or code. */
static struct str name_in_list(const struct yaml_node *node)
{
	static const char *const keys[] = {"id", "name", "code"};

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct yaml_node *c = yaml_get(node, keys[i]);
		if (c && c->kind == YAML_SCALAR)
			return c->text;
	}
	return STR_NONE;
}

static void lay_over(struct yaml_node *base, const struct yaml_node *over);

static void append(struct yaml_node *parent, struct yaml_node *child)
{
	struct yaml_node **tail = &parent->first;

	while (*tail)
		tail = &(*tail)->next;
	child->next = NULL;
	*tail = child;
}

static bool is_named_list(const struct yaml_node *node)
{
	return node->kind == YAML_LIST && node->first && name_in_list(node->first).n;
}

static void lay_list_over(struct yaml_node *base, const struct yaml_node *over)
{
	for (struct yaml_node *o = over->first, *next; o; o = next) {
		struct yaml_node *b = base->first;
		next = o->next;
		while (b && !str_eq(name_in_list(b), name_in_list(o)))
			b = b->next;
		if (b)
			lay_over(b, o);
		else
			append(base, o);
	}
}

static void lay_over(struct yaml_node *base, const struct yaml_node *over)
{
	if (base->kind == YAML_MAP && over->kind == YAML_MAP) {
		for (struct yaml_node *o = over->first, *next; o; o = next) {
			struct yaml_node *b = base->first;
			next = o->next;
			while (b && !str_eq(b->key, o->key))
				b = b->next;
			if (str_is(o->key, "overrides"))
				continue;
			if (b)
				lay_over(b, o);
			else
				append(base, o);
		}
	} else if (is_named_list(base) && is_named_list(over)) {
		lay_list_over(base, over);
	} else {
		base->kind = over->kind;
		base->text = over->text;
		base->is_quoted = over->is_quoted;
		base->at = over->at;
		base->first = over->first;
	}
}

/* Cut "overrides: true" out of the mapping and tell whether it was there. */
static bool take_overrides(struct yaml_node *root)
{
	for (struct yaml_node **c = &root->first; *c; c = &(*c)->next)
		if (str_is((*c)->key, "overrides")) {
			bool is_true = str_is((*c)->text, "true");
			*c = (*c)->next;
			return is_true;
		}
	return false;
}

static void add_document(struct loader *l, struct yaml_node *root, struct str pack)
{
	struct problems *ps = l->ps;
	struct document doc = {.root = root, .pack = pack};
	const char *near;
	bool is_override, is_new;
	int64_t *known;

	if (root->kind != YAML_MAP || !root->first || root->first->kind != YAML_SCALAR) {
		problems_error(ps, root->at,
			TR(ps, "每段应以 种类: 标识 开头", "a document begins with KIND: ID"));
		return;
	}
	doc.kind = root->first->key;
	doc.id = root->first->text;
	if (!pack_shape(doc.kind)) {
		near = nearest_name(doc.kind, pack_kind_names());
		problems_error(ps, root->first->key_at,
			near ? TR(ps, "不认识的种类 '" STR_FMT "' (是否为 '%s'?)",
				       "unknown kind '" STR_FMT "' (did you mean '%s'?)")
			     : TR(ps, "不认识的种类 '" STR_FMT "'%s",
				       "unknown kind '" STR_FMT "'%s"),
			STR_ARG(doc.kind), near ? near : "");
		return;
	}
	is_override = take_overrides(root);
	known = strmap_put(&l->by_key, key_of(ps->mem, doc.kind, doc.id), &is_new);
	if (is_new) {
		if (is_override)
			problems_error(ps, root->at,
				TR(ps, "没有可覆盖的 " STR_FMT " '" STR_FMT "'",
					"there is no " STR_FMT " '" STR_FMT "' to override"),
				STR_ARG(doc.kind), STR_ARG(doc.id));
		*VEC_PUSH(ps->mem, &l->documents) = doc;
		*known = (int64_t)l->documents.count;
		return;
	}
	if (!is_override) {
		const struct document *first = &l->documents.items[*known - 1];
		problems_error(ps, root->at,
			TR(ps,
				STR_FMT " '" STR_FMT "' 已在 " STR_FMT
					":%d 定义; 要覆盖请写 overrides: true",
				STR_FMT " '" STR_FMT "' is already at " STR_FMT
					":%d; write overrides: true to change it"),
			STR_ARG(doc.kind), STR_ARG(doc.id), STR_ARG(first->root->at.file),
			first->root->at.line);
		return;
	}
	lay_over(l->documents.items[*known - 1].root, root);
}

static void read_documents(struct loader *l)
{
	for (size_t i = 0; i < l->files->list.count; i++) {
		const struct pack_file *f = &l->files->list.items[i];
		struct yaml_docs docs;
		if (!str_ends(f->path, ".yaml"))
			continue;
		docs = yaml_parse(str_printf(l->ps->mem, "packs/" STR_FMT "/" STR_FMT,
					  STR_ARG(f->pack), STR_ARG(f->path)),
			f->content, l->ps);
		for (size_t k = 0; k < docs.count; k++)
			add_document(l, docs.items[k], f->pack);
	}
}

struct str pack_file_find(const struct pack_files *files, struct str path)
{
	for (size_t i = files->list.count; i > 0; i--) {
		const struct pack_file *f = &files->list.items[i - 1];
		if (str_eq(f->path, path))
			return f->content;
	}
	return STR_NONE;
}

/* code,title,synonyms lines; cells of code tables hold no commas or quotes. */
static void read_code_file(struct loader *l, struct pack_codes *codes)
{
	struct problems *ps = l->ps;
	struct str rest = pack_file_find(l->files, codes->file.text);
	VEC(struct pack_code) items = {0};
	int line = 0;

	if (!rest.n) {
		problems_error(ps, codes->file.at, TR(ps, "没有文件 " STR_FMT, "no file " STR_FMT),
			STR_ARG(codes->file.text));
		return;
	}
	while (rest.n) {
		struct str row = str_trim(str_cut(&rest, '\n'));
		struct place at = {codes->file.text, ++line, 0};
		struct pack_code *code;
		struct str synonyms;
		if (line == 1 || row.n == 0)
			continue;
		code = VEC_PUSH(ps->mem, &items);
		code->at = at;
		code->code = (struct located){str_trim(str_cut(&row, ',')), at};
		code->title = (struct located){str_trim(str_cut(&row, ',')), at};
		synonyms = str_trim(str_cut(&row, ','));
		if (!code->code.text.n || !code->title.text.n)
			problems_error(ps, at, TR(ps, "应有 code,title", "code,title expected"));
		if (synonyms.n) {
			struct located *list = arena_array(ps->mem, struct located, synonyms.n);
			size_t n = 0;
			while (synonyms.n)
				list[n++] = (struct located){str_cut(&synonyms, '|'), at};
			code->synonyms = (struct located_list){list, n};
		}
	}
	codes->items.items = items.items;
	codes->items.count = items.count;
}

static void read_kind(struct loader *l, const char *kind, void **items, size_t *count)
{
	const struct shape *shape = pack_shape(str_from(kind));
	size_t n = 0;

	for (size_t i = 0; i < l->documents.count; i++)
		n += str_is(l->documents.items[i].kind, kind);
	*items = arena_calloc(l->ps->mem, n, shape->size);
	*count = n;
	n = 0;
	for (size_t i = 0; i < l->documents.count; i++)
		if (str_is(l->documents.items[i].kind, kind))
			shape_read(shape, l->documents.items[i].root,
				(char *)*items + n++ * shape->size, l->ps);
}

static void index_kind(struct pack *p, const char *kind, const void *items, size_t count,
	size_t size, size_t id_offset)
{
	for (size_t i = 0; i < count; i++) {
		const struct located *id =
			(const void *)((const char *)items + i * size + id_offset);
		*strmap_put(&p->index, key_of(p->mem, str_from(kind), id->text), NULL) =
			(int64_t)i + 1;
	}
}

void pack_load(const struct pack_files *files, struct pack *out, struct problems *ps)
{
	struct loader l = {.ps = ps, .files = files};

	*out = (struct pack){.mem = ps->mem};
	strmap_init(&l.by_key, ps->mem);
	strmap_init(&out->index, ps->mem);
	read_documents(&l);
#define X(member, kind, type)                                                                      \
	{                                                                                          \
		void *items;                                                                       \
		read_kind(&l, kind, &items, &out->member.count);                                   \
		out->member.items = items;                                                         \
		index_kind(out, kind, items, out->member.count, sizeof(struct type),               \
			offsetof(struct type, id));                                                \
	}
	PACK_KINDS(X)
#undef X
	for (size_t i = 0; i < out->codes.count; i++)
		if (out->codes.items[i].file.text.n)
			read_code_file(&l, &out->codes.items[i]);
	for (size_t i = 0; i < out->orgs.count; i++)
		if (!pack_file_find(l.files, out->orgs.items[i].file.text).n)
			problems_error(ps, out->orgs.items[i].file.at,
				TR(ps, "没有文件 " STR_FMT, "no file " STR_FMT),
				STR_ARG(out->orgs.items[i].file.text));
	if (ps->error_count == 0)
		pack_check_names(out, ps);
}

#define X(member, kind, type)                                                                      \
	const struct type *pack_find_##member(const struct pack *p, struct str id)                 \
	{                                                                                          \
		char key[160];                                                                     \
		int n = snprintf(key, sizeof key, "%s " STR_FMT, kind, STR_ARG(id));               \
		const int64_t *at;                                                                 \
		if (n < 0 || (size_t)n >= sizeof key)                                              \
			return NULL;                                                               \
		at = strmap_find(&p->index, (struct str){key, (size_t)n});                         \
		return at ? &p->member.items[*at - 1] : NULL;                                      \
	}
PACK_KINDS(X)
#undef X

const struct pack_field *ledger_field(const struct pack_ledger *ledger, struct str name)
{
	for (size_t i = 0; i < ledger->fields.count; i++)
		if (str_eq(ledger->fields.items[i].name.text, name))
			return &ledger->fields.items[i];
	return NULL;
}

struct str codes_resolve(const struct pack_codes *codes, struct str text)
{
	for (size_t i = 0; i < codes->items.count; i++) {
		const struct pack_code *c = &codes->items.items[i];
		if (str_eq(c->code.text, text) || str_eq(c->title.text, text))
			return c->code.text;
		for (size_t k = 0; k < c->synonyms.count; k++)
			if (str_eq(c->synonyms.items[k].text, text))
				return c->code.text;
	}
	return STR_NONE;
}

const struct pack_value *parameter_on(const struct pack_parameter *parameter, struct date day)
{
	const struct pack_value *found = NULL;

	for (size_t i = 0; i < parameter->values.count; i++)
		if (parameter->values.items[i].effective_from.day <= day.day)
			found = &parameter->values.items[i];
	return found;
}
