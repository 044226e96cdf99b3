/* The API's description, OpenAPI 3.1, made from the route tables. */
#pragma once

#include "http/http.h"

void openapi_write(const struct routes *routes, const char *version, struct strbuf *out);
