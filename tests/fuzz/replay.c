/* Runs a fuzz harness over the files given: the corpus as an ordinary test, with any compiler. */
#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		FILE *f = fopen(argv[i], "rb");
		uint8_t *data = NULL;
		size_t size = 0, cap = 0, got;
		if (!f) {
			fprintf(stderr, "cannot read %s\n", argv[i]);
			return 1;
		}
		do {
			if (cap - size < 4096) {
				cap = cap * 2 + 8192;
				data = realloc(data, cap);
				assert(data);
			}
			got = fread(data + size, 1, cap - size, f);
			size += got;
		} while (got > 0);
		fclose(f);
		/* A copy of the exact size: an overrun by one is seen then. */
		uint8_t *exact = malloc(size ? size : 1);
		assert(exact);
		memcpy(exact, data, size);
		LLVMFuzzerTestOneInput(exact, size);
		free(exact);
		free(data);
	}
	printf("%d files\n", argc - 1);
	return argc > 1 ? 0 : 1;
}
