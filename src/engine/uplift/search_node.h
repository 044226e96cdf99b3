/*
 * Open nodes of the search, best bound first. Internal to uplift.
 */
#pragma once

#include "engine/uplift/model.h"

struct search_node {
	double bound;
	size_t number; /* order of creation: ties go to the older */
	struct search_node *next_free;
	uint32_t *must, *may;
	double from[UPLIFT_RESOURCES_MAX], to[UPLIFT_RESOURCES_MAX];
	double rho[UPLIFT_RESOURCES_MAX], eta[UPLIFT_RESOURCES_MAX];
};

struct search_heap {
	const struct model *m;
	struct arena *mem;
	VEC(struct search_node *) list;
	struct search_node *free_nodes;
	size_t node_count; /* ever made */
};

/* A copy of `from`; NULL: the root, with all of the model open and totals up to the uppers. */
struct search_node *search_node_new(struct search_heap *h, const struct search_node *from);
/* The node may be made into another one. */
void search_node_drop(struct search_heap *h, struct search_node *n);
void search_node_push(struct search_heap *h, struct search_node *n);
/* The node of the least bound; the heap must not be empty. */
struct search_node *search_node_pop(struct search_heap *h);
