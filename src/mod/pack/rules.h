/*
 * Rules of a pack, compiled: the names a ledger's rules may use, parameters as they stand on a
 * day, and a check of every rule of every document.
 */
#pragma once

#include "engine/rule/rule.h"
#include "mod/pack/pack.h"

/*
 * Names for rules over a ledger's rows: its fields; with has_before also before_NAME, the same
 * field of the row one period earlier. Parameters are those in force on `day`. Lives in mem,
 * which must not outlive the pack.
 */
const struct rule_env *pack_rule_env(struct arena *mem, const struct pack *p,
	const struct pack_ledger *ledger, struct date day, bool has_before);
/* No columns, only parameters: bounds and limits. */
const struct rule_env *pack_constant_env(struct arena *mem, const struct pack *p, struct date day);

/* The rule in `text`; NULL after problems. wants_bool: checks and filters. */
const struct rule *pack_compile(struct arena *mem, const struct rule_env *env,
	const struct located *text, enum rule_kind kind, bool wants_bool, struct problems *ps);

/* The rule type of a field's values. */
enum rule_type field_rule_type(const struct pack_field *field);

/* Text with every word `name` replaced: {name} in ids and titles, or the bare word in rules. */
struct str text_replace_braced(struct arena *mem, struct str text, const char *name, struct str by);
struct str text_replace_word(struct arena *mem, struct str text, const char *name, struct str by);

/* Sealed fields where what is sealed cannot be used: keys, groups, references, other types. */
void pack_check_sealed(const struct pack *p, struct problems *ps);
/* Compile every rule of the pack once, for `pack check`. */
void pack_check_rules(const struct pack *p, struct problems *ps);
