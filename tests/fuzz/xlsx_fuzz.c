/* Workbooks of any bytes: zip, relations, styles, strings and sheets as the file has them. */
#include "table_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct table_options opts = {.cell_max = 1000,
		.row_max = 5000,
		.unzipped_max = 1 << 20,
		.shared_strings_max = 1 << 18};

	fuzz_read((struct str){(const char *)data, size}, &opts);
	return 0;
}
