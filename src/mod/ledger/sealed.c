#include "mod/ledger/sealed.h"

#define ROW_SIZE 24

/* digits must live as long as the context. */
static struct seal_context context_of(
	char digits[ROW_SIZE], const struct stored_ledger *l, size_t i, int64_t row)
{
	int n = snprintf(digits, ROW_SIZE, "%" PRId64, row);

	return (struct seal_context){
		l->ledger->id.text, l->fields[i].field->name.text, (struct str){digits, (size_t)n}};
}

enum err sealed_value(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, size_t i, int64_t row, struct str text,
	struct str *out_sealed)
{
	char digits[ROW_SIZE];
	const struct seal_context at = context_of(digits, l, i, row);

	return seal_text(cx, mem, ring->current, &at, text, out_sealed);
}

enum err sealed_print(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, size_t i, struct str text, struct str *out)
{
	const struct str name = str_printf(mem, STR_FMT "." STR_FMT, STR_ARG(l->ledger->id.text),
		STR_ARG(l->fields[i].field->name.text));
	char print[SEAL_PRINT_SIZE];

	TRY(seal_print(cx, ring->current, name, text, print));
	*out = str_from(arena_strz(mem, print));
	return ERR_OK;
}

enum err sealed_open(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, size_t i, int64_t row, struct str sealed, struct str *out)
{
	char digits[ROW_SIZE];
	const struct seal_context at = context_of(digits, l, i, row);

	return seal_open(cx, mem, ring, &at, sealed, out);
}

enum err sealed_open_row(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, struct ledger_row *row)
{
	for (size_t i = 0; i < l->field_count; i++) {
		struct field_value *v = &row->values[l->fields[i].index];
		if (l->fields[i].is_sealed && !v->is_null)
			TRY(sealed_open(cx, mem, ring, l, i, row->id, v->text, &v->text));
	}
	return ERR_OK;
}
