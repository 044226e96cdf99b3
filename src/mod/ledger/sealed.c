#include "mod/ledger/sealed.h"

#define ROW_SIZE 24

/* digits must live as long as the context. */
static struct seal_context context_of(
	char digits[ROW_SIZE], const struct stored_ledger *l, size_t i, int64_t row)
{
	size_t at = ROW_SIZE;
	int64_t n = row;

	assert(row > 0); /* by hand: an import seals a million */
	do
		digits[--at] = (char)('0' + n % 10);
	while (n /= 10);
	return (struct seal_context){l->ledger->id.text, l->fields[i].field->name.text,
		(struct str){digits + at, ROW_SIZE - at}};
}

enum err sealed_value(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	struct seal_salts *salts, const struct stored_ledger *l, size_t i, int64_t row,
	struct str text, struct str *out_sealed)
{
	char digits[ROW_SIZE];
	const struct seal_context at = context_of(digits, l, i, row);

	return seal_text(cx, mem, ring->current, &at, salts, text, out_sealed);
}

enum err sealed_print(struct ctx *cx, struct arena *mem, const struct seal_ring *ring,
	const struct stored_ledger *l, size_t i, struct str text, struct str *out,
	struct str *out_former)
{
	unsigned char print[SEAL_PRINT_BYTES];
	char *kept;

	TRY(seal_print(cx, ring->current, l->fields[i].print_name, text, print));
	kept = arena_alloc(mem, SEAL_PRINT_SIZE);
	seal_print_text(print, kept);
	*out = (struct str){kept, SEAL_PRINT_SIZE - 1};
	if (!out_former)
		return ERR_OK;
	kept = arena_alloc(mem, SEAL_PRINT_HEX);
	seal_print_hex(print, kept);
	*out_former = (struct str){kept, SEAL_PRINT_HEX - 1};
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
