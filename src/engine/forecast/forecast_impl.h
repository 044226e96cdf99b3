/* Inside the forecast: errors that a back-test saw, and what intervals are made of them. */
#pragma once

#include "engine/forecast/forecast.h"

struct forecast_error {
	int horizon, origin; /* origin: years seen when the forecast was made, >= 2 */
	double people;       /* forecast */
	double log_error;    /* log((came + 1/2) / (forecast + 1/2)) */
};

/*
 * From the errors of one level, those of one origin and horizon next to each other. weight: of a
 * year against the next later one, as the ratios were made; year_count: years that the coming
 * forecasts will have seen; origins: how many the errors are from. The errors are changed.
 */
void forecast_fit_errors(struct arena *scratch, struct forecast_error *errors, size_t count,
	double weight, int year_count, int origins, struct forecast_errors *out);
