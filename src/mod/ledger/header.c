#include "mod/ledger/header.h"

struct str header_normal(struct arena *mem, struct str title)
{
	struct str s = utf8_narrow(mem, str_trim(title));
	char *out = arena_strn(mem, s.p, s.n);
	size_t n = 0, open;

	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		if (strchr(" \t\r\n*", c) && c)
			continue;
		out[n++] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
	}
	s = (struct str){out, n};
	open = str_find_char(s, '(');
	if (open != SIZE_MAX && open > 0 && n && out[n - 1] == ')')
		s.n = open;
	return s;
}

static void add_name(struct header_map *map, struct str title, size_t at)
{
	bool is_new;
	int64_t *slot;
	struct str normal = header_normal(map->mem, title);

	if (!normal.n)
		return;
	slot = strmap_put(&map->names, normal, &is_new);
	if (is_new)
		*slot = (int64_t)at + 1;
}

void header_map_init(struct header_map *map, struct arena *mem, const struct pack_ledger *ledger)
{
	*map = (struct header_map){.mem = mem, .ledger = ledger};
	strmap_init(&map->names, mem);
	/* Names and titles of all fields before any synonym: what is exact wins. */
	for (size_t i = 0; i < ledger->fields.count; i++) {
		add_name(map, ledger->fields.items[i].name.text, i);
		add_name(map, ledger->fields.items[i].title.text, i);
	}
	for (size_t i = 0; i < ledger->fields.count; i++)
		for (size_t k = 0; k < ledger->fields.items[i].synonyms.count; k++)
			add_name(map, ledger->fields.items[i].synonyms.items[k].text, i);
}

const struct pack_field *header_find(const struct header_map *map, struct str title)
{
	const int64_t *at = strmap_find(&map->names, header_normal(map->mem, title));

	return at ? &map->ledger->fields.items[*at - 1] : NULL;
}

struct str header_nearest(const struct header_map *map, struct str title)
{
	struct str normal = header_normal(map->mem, title), best = STR_NONE;
	size_t nearest = utf8_length(normal) / 2 + 1;

	for (size_t i = 0; i < map->names.count; i++) {
		size_t d = str_distance(normal, map->names.entries[i].key, nearest);
		if (d < nearest) {
			nearest = d;
			best = map->ledger->fields.items[map->names.entries[i].value - 1]
				       .title.text;
		}
	}
	return best;
}
