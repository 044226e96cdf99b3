/* The route tables of this room; auth has its own. */
#pragma once

#include "mod/job/job.h"

extern const struct route about_routes[]; /* about, readiness, organisations, packs */
extern const struct route audit_routes[];
extern const struct route backup_routes[]; /* made and listed; restoring is for the command line */
extern const struct route map_routes[];    /* the approved map of the counties */

/* {"code", "name"} */
extern const struct json_shape code_name_shape;

extern const struct job_kind backup_job;
