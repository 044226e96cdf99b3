/*
 * Enrolment forecast: from the ledgers grade_enrolment and births to numbers by county or town,
 * stage and year. Which grades make a stage and when children enter school is said by the pack
 * (parameters forecast.*); the arithmetic is engine/forecast.
 */
#pragma once

#include "cli/report.h"
#include "engine/forecast/forecast.h"
#include "mod/measure/dataset.h"

/* A county, or a town of it. */
struct forecast_zone {
	struct str county, town; /* town empty: the county as a whole */
	size_t group;            /* its county's position among counties */
};

struct forecast_stage {
	struct str id; /* the key in the pack */
	size_t grade_from, grade_to;
};

struct forecast_data {
	struct forecast_series series;
	struct forecast_zone *zones;
	struct str *counties;
	struct forecast_stage *stages;
	int first_year; /* year 0 of the series */
};

/*
 * Make the series. A zone and year with any row has 0 in the grades without one; without a row it
 * is unknown. Lives in cx->mem.
 * Fails: REJECTED (no rows, a zone without rows in the last year, births of an unknown zone, more
 * than 100 years), INVALID (the ledger grade_enrolment is not there), PACK.
 */
MUST_CHECK enum err forecast_load(
	struct ctx *cx, const struct dataset *ds, struct forecast_data *out);

/* What is supposed, from one file. */
struct forecast_scenario {
	struct str name; /* the file's name; empty: as things go */
	struct forecast_changes changes;
};

/*
 * Columns kind (births, add, move), county, town, year, grades (1 or 1-6), value (-10%, 120,
 * 25%), to_county, to_town. An empty county stands for all (births), an empty town for the county
 * as it is in the data.
 * Fails: REJECTED (every bad line is named), and as table_reader_open.
 */
MUST_CHECK enum err forecast_read_scenario(struct ctx *cx, const char *path,
	const struct forecast_data *data, struct forecast_scenario *out);

/* The same from a table that is open; path: its name in messages. */
struct table_reader;
MUST_CHECK enum err forecast_take_scenario(struct ctx *cx, struct table_reader *table,
	const char *path, const struct forecast_data *data, struct forecast_scenario *out);

/* --- out ------------------------------------------------------------------------------------ */

struct forecast_run {
	const struct forecast_data *data;
	const struct forecast_scenario *scenario;
	int horizon;
	double *people; /* [zone][horizon][grade] */
	double *born;   /* [stage][horizon]: share already born */
};

struct json_writer;
/* level: rows of a zone, a county or all. Runs of one data; the first is the base. */
void forecast_write_json(struct json_writer *w, const struct forecast_backtest *test,
	const struct forecast_run *runs, size_t run_count, enum forecast_level level);
#define FORECAST_REPORT_COLUMNS 10
extern const struct report_column forecast_report_columns[FORECAST_REPORT_COLUMNS];
void forecast_report(struct report *r, const struct forecast_backtest *test,
	const struct forecast_run *run, enum forecast_level level);
