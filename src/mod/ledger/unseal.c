#include "mod/ledger/unseal.h"

#include "mod/audit/audit.h"
#include "mod/ledger/sealed.h"
#include "mod/place/place_keys.h"

bool unseal_reason_fits(struct str reason)
{
	size_t n = utf8_length(str_trim(reason));

	return n >= UNSEAL_REASON_MIN && n <= UNSEAL_REASON_MAX;
}

static size_t find_field(const struct stored_ledger *l, struct str name)
{
	for (size_t i = 0; i < l->field_count; i++)
		if (l->fields[i].is_sealed && str_eq(l->fields[i].field->name.text, name))
			return i;
	return SIZE_MAX;
}

bool unseal_has_field(const struct stored_ledger *l, struct str field)
{
	return find_field(l, field) != SIZE_MAX;
}

static enum err note(struct ctx *cx, struct open_place *place, const struct stored_ledger *l,
	int64_t id, const struct str *fields, size_t count, struct str reason)
{
	struct strbuf b;
	struct str detail;

	strbuf_init(&b, 65536);
	for (size_t i = 0; i < count; i++) {
		strbuf_z(&b, i ? "," : "");
		strbuf_str(&b, fields[i]);
	}
	strbuf_z(&b, ": ");
	strbuf_str(&b, str_trim(reason));
	detail = str_copy(cx->mem, strbuf_view(&b));
	strbuf_release(&b);
	return audit_append(cx, place->db,
		&(struct audit_entry){.who = cx->user,
			.action = STR("row.unseal"),
			.object = str_printf(
				cx->mem, STR_FMT "/%" PRId64, STR_ARG(l->ledger->id.text), id),
			.detail = detail});
}

enum err row_unseal(struct ctx *cx, struct open_place *place, const struct stored_ledger *l,
	const struct ledger_row *row, const struct str *fields, size_t count, struct str reason,
	struct str *out)
{
	struct seal_ring ring;

	assert(unseal_reason_fits(reason) && db_in_transaction(place->db));
	TRY(place_keys(cx, place, &ring));
	for (size_t i = 0; i < count; i++) {
		size_t at = find_field(l, fields[i]);
		const struct field_value *v;
		assert(at != SIZE_MAX);
		v = &row->values[l->fields[at].index];
		out[i] = STR_NONE;
		if (!v->is_null)
			TRY(sealed_open(cx, cx->mem, &ring, l, at, row->id, v->text, &out[i]));
	}
	return note(cx, place, l, row->id, fields, count, reason);
}
