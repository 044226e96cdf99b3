/*
 * Open nodes of the search, best bound first. Internal to uplift.
 */
#pragma once

#include "engine/uplift/model.h"

struct node {
	double bound;
	size_t number; /* order of creation: ties go to the older */
	struct node *next_free;
	uint32_t *must, *may;
	double from[UPLIFT_RESOURCES_MAX], to[UPLIFT_RESOURCES_MAX];
	double rho[UPLIFT_RESOURCES_MAX], eta[UPLIFT_RESOURCES_MAX];
};

struct node_heap {
	const struct model *m;
	struct arena *mem;
	VEC(struct node *) list;
	struct node *free_nodes;
	size_t node_count; /* ever made */
};

/* A copy of `from`; NULL: the root, with all of the model open and totals up to the uppers. */
struct node *node_new(struct node_heap *h, const struct node *from);
/* The node may be made into another one. */
void node_drop(struct node_heap *h, struct node *n);
void node_push(struct node_heap *h, struct node *n);
/* The node of the least bound; the heap must not be empty. */
struct node *node_pop(struct node_heap *h);
