/* A place made ready: packs installed, tables made, the tree of organisations read in. */
#pragma once

#include "mod/keys/keys.h"

/*
 * Make the place when absent and install the packs of these folders and what they extend; the
 * organisations that the packs name come in by a real import of the registry. All or nothing.
 * A place without a key gets one; what newly is to be sealed is sealed (*out_keys).
 * On a place that exists: the packs are replaced, tables follow, rows stay.
 * Fails: as pack_read_folder, place_install, ledger_tables_make, keys_ensure, import_run; PACK (a
 * field was sealed and is to be so no longer).
 */
MUST_CHECK enum err setup_place(struct ctx *cx, struct str url, const char *const *dirs,
	size_t dir_count, struct open_place **out, struct keys_done *out_keys);
