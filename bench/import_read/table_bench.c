/*
 * Our side of bench/import_read: `table-bench write FILE ROWS` makes a workbook of 20 columns,
 * `table-bench read FILE` reads one or a CSV and only counts. Prints one JSON object; seconds
 * are wall clock, from opening to closing.
 */
#include <sys/resource.h>
#include <time.h>

#include "base/num.h"
#include "wire/table_reader.h"
#include "wire/xlsx_write.h"

enum { COLUMNS = 20, TEXT_COLUMNS = 8 };

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static enum err read_table(struct ctx *cx, const char *path, uint64_t *rows, uint64_t *cells)
{
	struct table_reader *reader;
	const struct table_row *row;

	TRY(table_reader_open(cx, path, NULL, &reader));
	for (;;) {
		TRY(table_reader_next(reader, &row));
		if (!row)
			break;
		++*rows;
		*cells += row->count;
	}
	table_reader_close(reader);
	return ERR_OK;
}

static enum err write_table(struct ctx *cx, const char *path, uint64_t rows, uint64_t *cells)
{
	struct xlsx_writer *w;
	char text[64];

	TRY(xlsx_writer_open(cx, path, &w));
	xlsx_sheet_begin(w, &(struct xlsx_sheet_settings){.name = STR("数据")});
	for (uint64_t i = 0; i < rows; i++) {
		xlsx_row_begin(w);
		for (uint32_t column = 0; column < COLUMNS; column++, ++*cells) {
			uint64_t value = (i * 7919 + column * 104729) % 5000;
			int n;
			if (column < TEXT_COLUMNS) {
				n = snprintf(text, sizeof text, "离石区第%" PRIu64 "小学", value);
				xlsx_put_text(w, column, (struct str){text, (size_t)n},
					(struct xlsx_style){0});
			} else {
				n = snprintf(text, sizeof text, "%" PRIu64 ".%d", value,
					column % 2 ? 5 : 25);
				xlsx_put_number(w, column, (struct str){text, (size_t)n},
					(struct xlsx_style){0});
			}
		}
	}
	return xlsx_writer_close(w);
}

int main(int argc, char **argv)
{
	struct ctx cx = {.mem = arena_create(), .is_english = true};
	uint64_t rows = 0, cells = 0;
	int64_t wanted = 100000;
	double start = seconds();
	struct rusage usage;
	enum err e = ERR_INVALID;

	if (argc == 3 && strcmp(argv[1], "read") == 0) {
		e = read_table(&cx, argv[2], &rows, &cells);
	} else if (argc == 4 && strcmp(argv[1], "write") == 0 &&
		   parse_i64(str_from(argv[3]), 1, TABLE_ROWS_MAX, &wanted) == NUM_OK) {
		rows = (uint64_t)wanted;
		e = write_table(&cx, argv[2], rows, &cells);
	} else {
		fputs("usage: table-bench read FILE | write FILE ROWS\n", stderr);
	}
	if (e != ERR_OK) {
		fprintf(stderr, STR_FMT "\n", STR_ARG(cx.error));
		return err_exit_code(e);
	}
	getrusage(RUSAGE_SELF, &usage);
	printf("{\"rows\":%" PRIu64 ",\"cells\":%" PRIu64 ",\"seconds\":%.3f,\"rss_kb\":%ld}\n",
		rows, cells, seconds() - start, usage.ru_maxrss);
	arena_free(cx.mem);
	return 0;
}
