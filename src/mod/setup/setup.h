/* A place made ready: packs installed, tables made, the tree of organisations read in. */
#pragma once

#include "mod/place/place.h"

/*
 * Make the place when absent and install the packs of these folders and what they extend; the
 * organisations that the packs name come in by a real import of the registry. All or nothing.
 * On a place that exists: the packs are replaced, tables follow, rows stay.
 * Fails: as pack_read_folder, place_install, ledger_tables_make, import_run.
 */
MUST_CHECK enum err setup_place(struct ctx *cx, struct str url, const char *const *dirs,
	size_t dir_count, struct open_place **out);
