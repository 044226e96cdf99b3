#include "mod/ledger/ledger_store.h"

#include "base/num.h"
#include "mod/pack/rules.h"

static const char system_ddl[] = "id @pk, county @text NOT NULL, org @text NOT NULL,"
				 " period @text NOT NULL, state @text NOT NULL,"
				 " version @i64 NOT NULL, updated_at @i64 NOT NULL,"
				 " updated_by @text NOT NULL, import_id @i64";

/* As system_ddl has them, in its order. */
static const struct db_column system_columns[STORED_SYSTEM_COLUMNS] = {
	{"id", DB_I64, false},
	{"county", DB_TEXT, false},
	{"org", DB_TEXT, false},
	{"period", DB_TEXT, false},
	{"state", DB_TEXT, false},
	{"version", DB_I64, false},
	{"updated_at", DB_I64, false},
	{"updated_by", DB_TEXT, false},
	{"import_id", DB_I64, true},
};

/* Ids of ledgers have . and - which names of tables have not. */
static const char *table_name(struct arena *mem, const char *prefix, struct str id)
{
	char *name = arena_printf(mem, "%s_" STR_FMT, prefix, STR_ARG(id));

	for (char *c = name; *c; c++)
		if (*c == '.' || *c == '-')
			*c = '_';
	return name;
}

enum db_type stored_type(const struct pack_field *field)
{
	switch (field_rule_type(field)) {
	case RULE_NUM:
		return DB_I64;
	case RULE_BOOL:
		return DB_BOOL;
	case RULE_DATE:
		return DB_DATE;
	case RULE_TEXT:
	case RULE_NULL:
	case RULE_RATIO:
		break;
	}
	return DB_TEXT;
}

static bool is_system_field(const struct pack_field *f)
{
	return str_is(f->name.text, "org") || str_is(f->name.text, "county") ||
	       str_is(f->name.text, "period");
}

static bool is_in_grain(const struct pack_ledger *ledger, const struct pack_field *f)
{
	for (size_t i = 0; i < ledger->grain.count; i++)
		if (str_eq(ledger->grain.items[i].text, f->name.text))
			return true;
	return false;
}

/* The organisation of a row: the one in its key, else the first that is named. */
static size_t find_owner(const struct pack_ledger *ledger, bool is_registry)
{
	size_t first = SIZE_MAX;

	for (size_t i = 0; i < ledger->fields.count; i++) {
		const struct pack_field *f = &ledger->fields.items[i];
		if (is_registry && is_in_grain(ledger, f))
			return i;
		if (f->type != FIELD_ORG || f->from_org.text.n)
			continue;
		if (str_is(f->name.text, "org") || is_in_grain(ledger, f))
			return i;
		if (first == SIZE_MAX)
			first = i;
	}
	return first;
}

/* What `pack check` refuses otherwise: a pack that was installed before it did still opens. */
static bool can_be_sealed(const struct pack_ledger *ledger, const struct pack_field *f)
{
	return f->secrecy == SECRECY_SEALED && stored_type(f) == DB_TEXT && !is_system_field(f) &&
	       !is_in_grain(ledger, f);
}

void stored_ledger_init(
	struct arena *mem, const struct pack_ledger *ledger, struct stored_ledger *out)
{
	*out = (struct stored_ledger){.ledger = ledger, .period = SIZE_MAX};
	out->is_registry = str_is(ledger->id.text, "orgs");
	out->table = table_name(mem, "l", ledger->id.text);
	out->history = table_name(mem, "h", ledger->id.text);
	out->owner = find_owner(ledger, out->is_registry);
	out->fields = arena_array(mem, struct stored_field, ledger->fields.count);
	out->grain = arena_array(mem, size_t, ledger->grain.count);
	for (size_t i = 0; i < ledger->fields.count; i++) {
		const struct pack_field *f = &ledger->fields.items[i];
		struct stored_field *s = &out->fields[out->field_count];
		if (f->from_org.text.n)
			continue;
		*s = (struct stored_field){.field = f,
			.index = i,
			.column = str_z(mem, f->name.text),
			.type = stored_type(f),
			.is_system = is_system_field(f),
			.is_sealed = can_be_sealed(ledger, f)};
		if (s->is_sealed)
			s->print_name = str_printf(mem, STR_FMT "." STR_FMT,
				STR_ARG(ledger->id.text), STR_ARG(f->name.text));
		out->has_sealed |= s->is_sealed;
		if (str_is(f->name.text, "period"))
			out->period = i;
		out->field_count++;
	}
	for (size_t g = 0; g < ledger->grain.count; g++)
		for (size_t i = 0; i < out->field_count; i++)
			if (str_eq(out->fields[i].field->name.text, ledger->grain.items[g].text))
				out->grain[out->grain_count++] = i;
	for (size_t i = 0; i < out->field_count; i++)
		if (out->fields[i].is_sealed && stored_is_unique(out, i))
			out->fields[i].print =
				arena_printf(mem, "%s__print", out->fields[i].column);
}

bool stored_is_unique(const struct stored_ledger *l, size_t i)
{
	const struct pack_field *f = l->fields[i].field;
	bool is_the_key = l->grain_count == 1 && l->grain[0] == i;

	return f->constraints && f->constraints->is_unique && !is_the_key;
}

struct db_column *stored_columns(
	struct arena *mem, const struct stored_ledger *ledger, size_t *out_count)
{
	struct db_column *columns =
		arena_array(mem, struct db_column, STORED_SYSTEM_COLUMNS + 2 * ledger->field_count);
	size_t n = STORED_SYSTEM_COLUMNS;

	memcpy(columns, system_columns, sizeof system_columns);
	for (size_t i = 0; i < ledger->field_count; i++)
		if (!ledger->fields[i].is_system)
			columns[n++] = (struct db_column){
				ledger->fields[i].column, ledger->fields[i].type, true};
	for (size_t i = 0; i < ledger->field_count; i++)
		if (ledger->fields[i].print)
			columns[n++] = (struct db_column){ledger->fields[i].print, DB_TEXT, true};
	*out_count = n;
	return columns;
}

static const char *type_token(enum db_type type)
{
	switch (type) {
	case DB_I64:
		return "@i64";
	case DB_BOOL:
		return "@bool";
	case DB_F64:
		return "@f64";
	case DB_BLOB:
		return "@blob";
	case DB_TEXT:
	case DB_DATE:
		break;
	}
	return "@text";
}

static void add_field_columns(const struct stored_ledger *l, struct strbuf *sql)
{
	for (size_t i = 0; i < l->field_count; i++)
		if (!l->fields[i].is_system)
			strbuf_printf(sql, ", \"%s\" %s", l->fields[i].column,
				type_token(l->fields[i].type));
	for (size_t i = 0; i < l->field_count; i++)
		if (l->fields[i].print)
			strbuf_printf(sql, ", \"%s\" @text", l->fields[i].print);
}

/* For the search of a value that must be unique in its period. */
static void unique_ddl(const struct stored_ledger *l, size_t i, struct strbuf *sql)
{
	const struct stored_field *f = &l->fields[i];

	strbuf_printf(sql, "CREATE INDEX %s_u_%s ON %s (\"%s\", period);\n", l->table, f->column,
		l->table, f->print ? f->print : f->column);
}

/* The rows of a county and of an organisation in the order of entry, which is that of lists: no
   other column behind these, or they would have to be sorted. */
static void area_ddl(const struct stored_ledger *l, struct strbuf *sql)
{
	strbuf_printf(sql,
		"CREATE INDEX IF NOT EXISTS %s_area ON %s (county, period);\n"
		"CREATE INDEX IF NOT EXISTS %s_org ON %s (org, period);\n",
		l->table, l->table, l->table, l->table);
	for (size_t i = 0; i < l->field_count; i++)
		for (size_t k = 0; k < l->ledger->find_by.count; k++)
			if (!l->fields[i].is_system && str_eq(l->fields[i].field->name.text,
							       l->ledger->find_by.items[k].text))
				strbuf_printf(sql,
					"CREATE INDEX IF NOT EXISTS %s_f_%s ON %s (county, period, "
					"\"%s\");\n",
					l->table, l->fields[i].column, l->table,
					l->fields[i].column);
}

static void table_ddl(const struct stored_ledger *l, struct strbuf *sql)
{
	strbuf_printf(sql, "CREATE TABLE %s (%s", l->table, system_ddl);
	add_field_columns(l, sql);
	strbuf_z(sql, ") @strict;\n");
	if (l->grain_count) {
		strbuf_printf(sql, "CREATE UNIQUE INDEX %s_key ON %s (", l->table, l->table);
		for (size_t i = 0; i < l->grain_count; i++)
			strbuf_printf(
				sql, "%s\"%s\"", i ? ", " : "", l->fields[l->grain[i]].column);
		strbuf_z(sql, ");\n");
	}
	for (size_t i = 0; i < l->field_count; i++)
		if (stored_is_unique(l, i))
			unique_ddl(l, i, sql);
	area_ddl(l, sql);
	strbuf_printf(sql, "CREATE TABLE %s (", l->history);
	strbuf_z(sql, "gone_at @i64 NOT NULL, gone_by @text NOT NULL, gone_import @i64,"
		      " gone_how @text NOT NULL, id @i64 NOT NULL");
	strbuf_z(sql, strchr(system_ddl, ','));
	add_field_columns(l, sql);
	strbuf_z(sql, ") @strict;\n");
	strbuf_printf(sql, "CREATE INDEX %s_id ON %s (id, version);\n", l->history, l->history);
	strbuf_printf(sql, "CREATE INDEX %s_import ON %s (gone_import);\n", l->history, l->history);
	strbuf_printf(sql, "CREATE INDEX %s_made ON %s (import_id);\n", l->history, l->history);
}

/* SQLite tells no dates and booleans: what it can't tell apart does not differ. */
static bool is_same_type(enum db_type have, enum db_type want)
{
	if (have == want)
		return true;
	return (want == DB_DATE && have == DB_TEXT) || (want == DB_BOOL && have == DB_I64);
}

static bool has_column(const struct db_columns *have, const char *name)
{
	for (size_t k = 0; k < have->list.count; k++)
		if (strcmp(have->list.items[k].name, name) == 0)
			return true;
	return false;
}

/* Fields that became sealed: what was searched by value is searched by its keyed hash. */
static void add_prints(
	const struct stored_ledger *l, const struct db_columns *have, struct strbuf *sql)
{
	for (size_t i = 0; i < l->field_count; i++) {
		const struct stored_field *f = &l->fields[i];
		if (!f->print || has_column(have, f->print))
			continue;
		strbuf_printf(sql,
			"ALTER TABLE %s ADD COLUMN \"%s\" @text;\n"
			"ALTER TABLE %s ADD COLUMN \"%s\" @text;\n"
			"DROP INDEX IF EXISTS %s_u_%s;\n",
			l->table, f->print, l->history, f->print, l->table, f->column);
		unique_ddl(l, i, sql);
	}
}

static enum err add_missing(struct ctx *cx, struct db *db, const struct stored_ledger *l)
{
	struct db_columns have;
	struct strbuf sql;
	enum err e = ERR_OK;

	TRY(db_list_columns(cx, db, l->table, &have));
	strbuf_init(&sql, 65536);
	for (size_t i = 0; i < l->field_count && e == ERR_OK; i++) {
		const struct stored_field *f = &l->fields[i];
		bool is_there = f->is_system;
		for (size_t k = 0; k < have.list.count && !is_there; k++) {
			is_there = strcmp(have.list.items[k].name, f->column) == 0;
			if (is_there && !is_same_type(have.list.items[k].type, f->type))
				e = ctx_fail(cx, ERR_PACK,
					TR(cx,
						"台账 " STR_FMT " 的字段 %s 改了类型, "
						"已有数据不能照用; 请用新的字段名",
						"ledger " STR_FMT ": field %s changed its type, "
						"which its rows cannot; use a new name"),
					STR_ARG(l->ledger->id.text), f->column);
		}
		if (!is_there)
			strbuf_printf(&sql,
				"ALTER TABLE %s ADD COLUMN \"%s\" %s;\n"
				"ALTER TABLE %s ADD COLUMN \"%s\" %s;\n",
				l->table, f->column, type_token(f->type), l->history, f->column,
				type_token(f->type));
	}
	add_prints(l, &have, &sql);
	/* What stood in place of the two, in places made before. */
	strbuf_printf(&sql, "DROP INDEX IF EXISTS %s_county;\n", l->table);
	area_ddl(l, &sql);
	if (e == ERR_OK && sql.n)
		e = db_exec(cx, db, sql.p);
	strbuf_release(&sql);
	return e;
}

enum err ledger_tables_make(struct ctx *cx, struct db *db, const struct pack *p)
{
	for (size_t i = 0; i < p->ledgers.count; i++) {
		struct stored_ledger l;
		struct strbuf sql;
		bool is_there;
		enum err e;
		stored_ledger_init(cx->mem, &p->ledgers.items[i], &l);
		TRY(db_has_table(cx, db, l.table, &is_there));
		if (is_there) {
			TRY(add_missing(cx, db, &l));
			continue;
		}
		strbuf_init(&sql, 65536);
		table_ddl(&l, &sql);
		e = db_exec(cx, db, sql.p);
		strbuf_release(&sql);
		TRY(e);
	}
	return ERR_OK;
}

struct str period_before(struct arena *mem, struct str period)
{
	struct str tail = str_sub(period, 5, period.n);
	int64_t year, n;
	int before;

	if (period.n < 4 || parse_i64(str_sub(period, 0, 4), 1001, 9999, &year) != NUM_OK)
		return STR_NONE;
	before = (int)year - 1;
	if (period.n == 4)
		return str_printf(mem, "%d", before);
	if (period.n == 9)
		return str_printf(mem, "%d-%d", before, (int)year);
	if (period.n != 7)
		return STR_NONE;
	if (parse_i64(tail, 1, 12, &n) == NUM_OK)
		return n > 1 ? str_printf(mem, "%d-%02d", (int)year, (int)n - 1)
			     : str_printf(mem, "%d-12", before);
	if (parse_i64(str_sub(tail, 1, 2), 1, 4, &n) != NUM_OK)
		return STR_NONE;
	if (n > 1)
		return str_printf(mem, "%d-%c%d", (int)year, tail.p[0], (int)n - 1);
	if (tail.p[0] == 'H' || tail.p[0] == 'Q')
		return str_printf(mem, "%d-%c%d", before, tail.p[0], tail.p[0] == 'H' ? 2 : 4);
	return STR_NONE;
}
