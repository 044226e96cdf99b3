#include "engine/uplift/search_node.h"

struct search_node *search_node_new(struct search_heap *h, const struct search_node *from)
{
	struct search_node *n = h->free_nodes;
	size_t size = h->m->unit_count * sizeof *n->must;
	uint32_t *must, *may;

	if (n) {
		h->free_nodes = n->next_free;
	} else {
		n = arena_new(h->mem, struct search_node);
		n->must = arena_array(h->mem, uint32_t, h->m->unit_count);
		n->may = arena_array(h->mem, uint32_t, h->m->unit_count);
	}
	must = n->must;
	may = n->may;
	if (from)
		*n = *from;
	n->must = must;
	n->may = may;
	memcpy(must, from ? from->must : h->m->must, size);
	memcpy(may, from ? from->may : h->m->may, size);
	for (size_t k = 0; !from && k < h->m->resource_count; k++)
		for (size_t i = 0; i < h->m->unit_count; i++)
			n->to[k] += (double)h->m->rows[k].uppers[i] * h->m->rows[k].share[i];
	n->number = h->node_count++;
	return n;
}

void search_node_drop(struct search_heap *h, struct search_node *n)
{
	n->next_free = h->free_nodes;
	h->free_nodes = n;
}

static bool comes_before(const struct search_node *a, const struct search_node *b)
{
	return a->bound < b->bound || (!(a->bound > b->bound) && a->number < b->number);
}

void search_node_push(struct search_heap *h, struct search_node *n)
{
	size_t i = h->list.count;

	*VEC_PUSH(h->mem, &h->list) = n;
	for (; i > 0 && comes_before(n, h->list.items[(i - 1) / 2]); i = (i - 1) / 2)
		h->list.items[i] = h->list.items[(i - 1) / 2];
	h->list.items[i] = n;
}

struct search_node *search_node_pop(struct search_heap *h)
{
	struct search_node **list = h->list.items, *top = list[0], *last = list[--h->list.count];
	size_t i = 0, child;

	for (; (child = 2 * i + 1) < h->list.count; i = child) {
		if (child + 1 < h->list.count && comes_before(list[child + 1], list[child]))
			child++;
		if (!comes_before(list[child], last))
			break;
		list[i] = list[child];
	}
	list[i] = last;
	return top;
}
