#include "cli/cli.h"

#include "base/num.h"

#include <locale.h>
#include <pwd.h>
#include <sys/time.h>
#include <unistd.h>

const struct cli_option cli_common_options[] = {
	{"format", "table|json|csv|xlsx", false, "结果的格式", "format of the result"},
	{"lang", "zh|en", false, "信息的语言", "language of messages"},
	{"key-file", "FILE", false, "加密字段的密钥文件 (或 SHUREN_KEY_FILE)",
		"keys of sealed fields (or SHUREN_KEY_FILE)"},
	{"help", NULL, false, "用法", "this help"},
	{NULL, NULL, false, NULL, NULL},
};

bool cli_has(const struct cli_args *args, const char *name)
{
	return cli_nth(args, name, 0).p != NULL;
}

struct str cli_nth(const struct cli_args *args, const char *name, size_t i)
{
	for (size_t k = 0; k < args->option_count; k++)
		if (str_is(args->options[k].name, name) && i-- == 0)
			return args->options[k].value;
	return STR_NONE;
}

struct str cli_get(const struct cli_args *args, const char *name)
{
	struct str value = STR_NONE, v;

	for (size_t i = 0; (v = cli_nth(args, name, i)).p; i++)
		value = v;
	return value;
}

struct str cli_word(const struct cli_args *args, size_t i)
{
	return i < args->word_count ? args->words[i] : STR_NONE;
}

enum err cli_i64(struct ctx *cx, const struct cli_args *args, const char *name, int64_t min,
	int64_t max, int64_t fallback, int64_t *out)
{
	struct str value = cli_get(args, name);

	*out = fallback;
	if (!value.p || parse_i64(value, min, max, out) == NUM_OK)
		return ERR_OK;
	return ctx_fail(cx, ERR_INVALID,
		TR(cx, "--%s 应为 %" PRId64 " 至 %" PRId64 " 的整数, 而不是 '" STR_FMT "'",
			"--%s should be an integer from %" PRId64 " to %" PRId64 ", not '" STR_FMT
			"'"),
		name, min, max, STR_ARG(value));
}

static void print_options(const struct ctx *cx, const struct cli_option *options)
{
	for (; options && options->name; options++) {
		char left[80];
		snprintf(left, sizeof left, "--%s%s%s", options->name, options->value ? " " : "",
			options->value ? options->value : "");
		printf("  %-28s %s%s\n", left, TR(cx, options->zh, options->en),
			options->repeats ? TR(cx, " (可多次)", " (may repeat)") : "");
	}
}

static void print_command_help(const struct ctx *cx, const struct command *c)
{
	printf("shuren %s %s\n\n%s\n\n", c->name, c->words, TR(cx, c->zh, c->en));
	print_options(cx, c->options);
	print_options(cx, cli_common_options);
}

static void print_overview(const struct ctx *cx, const struct command *const *lists, FILE *to)
{
	fprintf(to, "%s\n\n",
		TR(cx, "shuren 命令 ... — 教育局的台账、指标、国评与任务",
			"shuren COMMAND ... - ledgers, indicators, evaluations and promises"));
	for (; *lists; lists++)
		for (const struct command *c = *lists; c->name; c++)
			fprintf(to, "  %-18s %s\n", c->name, TR(cx, c->zh, c->en));
	fprintf(to, "\n%s\n",
		TR(cx, "shuren 命令 --help 给出每个命令的用法",
			"shuren COMMAND --help tells the words and options of a command"));
}

/* The command whose words begin argv; *used tells how many. */
static const struct command *find_command(
	const struct command *const *lists, int argc, char **argv, int *used)
{
	const struct command *best = NULL;
	size_t best_length = 0;

	for (; *lists; lists++)
		for (const struct command *c = *lists; c->name; c++) {
			struct str rest = str_from(c->name);
			int n = 0;
			while (rest.n && n < argc && str_is(str_cut(&rest, ' '), argv[n]))
				n++;
			if (rest.n == 0 && n > 0 && strlen(c->name) > best_length) {
				struct str again = str_from(c->name);
				int words = 0;
				while (again.n) {
					str_cut(&again, ' ');
					words++;
				}
				if (words != n)
					continue;
				best = c;
				best_length = strlen(c->name);
				*used = n;
			}
		}
	return best;
}

static const struct cli_option *find_option(const struct cli_option *options, struct str name)
{
	for (; options && options->name; options++)
		if (str_is(name, options->name))
			return options;
	return NULL;
}

static enum err unknown_option(struct ctx *cx, const struct command *c, struct str name)
{
	const char *near = NULL;
	size_t nearest = 3;

	for (const struct cli_option *o = c->options; o && o->name; o++) {
		size_t d = str_distance(name, str_from(o->name), nearest);
		if (d < nearest) {
			nearest = d;
			near = o->name;
		}
	}
	if (near)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "没有选项 --" STR_FMT " (是否为 --%s?)",
				"no option --" STR_FMT " (did you mean --%s?)"),
			STR_ARG(name), near);
	return ctx_fail(cx, ERR_INVALID, TR(cx, "没有选项 --" STR_FMT, "no option --" STR_FMT),
		STR_ARG(name));
}

static enum err parse(
	struct ctx *cx, const struct command *c, int argc, char **argv, struct cli_args *args)
{
	bool only_words = false;

	args->words = arena_array(cx->mem, struct str, argc);
	args->options = arena_array(cx->mem, struct cli_value, argc);
	for (int i = 0; i < argc; i++) {
		struct str word = str_from(argv[i]), name;
		const struct cli_option *option;
		struct str value = STR("");
		if (only_words || !str_starts(word, "--")) {
			args->words[args->word_count++] = word;
			continue;
		}
		if (word.n == 2) {
			only_words = true;
			continue;
		}
		word = str_sub(word, 2, word.n);
		name = str_cut(&word, '=');
		option = find_option(c->options, name);
		if (!option)
			option = find_option(cli_common_options, name);
		if (!option)
			return unknown_option(cx, c, name);
		if (option->value && strchr(argv[i], '='))
			value = word;
		else if (option->value && ++i < argc)
			value = str_from(argv[i]);
		else if (option->value)
			return ctx_fail(cx, ERR_INVALID,
				TR(cx, "--%s 后面缺少 %s", "--%s lacks %s"), option->name,
				option->value);
		args->options[args->option_count++] = (struct cli_value){name, value};
	}
	if (cli_has(args, "help"))
		return ERR_OK;
	if (args->word_count < c->words_min || args->word_count > c->words_max)
		return ctx_fail(cx, ERR_INVALID,
			TR(cx, "用法: shuren %s %s", "usage: shuren %s %s"), c->name, c->words);
	return ERR_OK;
}

static enum err check_common(struct ctx *cx, const struct cli_args *args)
{
	static const char *const formats[] = {"table", "json", "csv", "xlsx"};
	struct str format = cli_get(args, "format"), lang = cli_get(args, "lang");
	struct str key_file = cli_get(args, "key-file");

	if (lang.p && !str_is(lang, "zh") && !str_is(lang, "en"))
		return ctx_fail(cx, ERR_INVALID, "--lang zh|en");
	for (size_t i = 0; format.p && i <= ARRAY_LEN(formats); i++) {
		if (i == ARRAY_LEN(formats))
			return ctx_fail(cx, ERR_INVALID, "--format table|json|csv|xlsx");
		if (str_is(format, formats[i]))
			break;
	}
	/* An option stands over the environment, where all that opens places looks. */
	if (key_file.p &&
		(!key_file.n || setenv("SHUREN_KEY_FILE", str_z(cx->mem, key_file), 1) != 0))
		return ctx_fail(cx, ERR_INVALID, "--key-file FILE");
	return ERR_OK;
}

/* --lang decides before anything is parsed, so that errors of parsing are in it too. */
static bool wants_english(int argc, char **argv)
{
	bool is_english = false;

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--lang=en") == 0)
			is_english = true;
		if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
			is_english = strcmp(argv[i + 1], "en") == 0;
	}
	return is_english;
}

static int run(struct ctx *cx, const struct command *c, int argc, char **argv)
{
	struct cli_args args = {0};
	enum err e = parse(cx, c, argc, argv, &args);

	if (e == ERR_OK)
		e = check_common(cx, &args);
	if (e == ERR_OK && cli_has(&args, "help")) {
		print_command_help(cx, c);
		return 0;
	}
	if (e == ERR_OK)
		e = c->run(cx, &args);
	if (fflush(stdout) != 0 && e == ERR_OK)
		e = ctx_fail(
			cx, ERR_IO, TR(cx, "写标准输出出错", "writing standard output failed"));
	if (e != ERR_OK && cx->error.n)
		fprintf(stderr, "shuren: " STR_FMT "\n", STR_ARG(cx->error));
	return err_exit_code(e);
}

/* Who runs the program, for histories: the system's name of the user. */
static struct str user_name(struct arena *mem)
{
	char buffer[1024];
	struct passwd pw, *found = NULL;

	if (getpwuid_r(getuid(), &pw, buffer, sizeof buffer, &found) != 0 || !found)
		return str_printf(mem, "uid %u", (unsigned int)getuid());
	return str_copy(mem, str_from(found->pw_name));
}

int cli_main(const struct command *const *lists, int argc, char **argv)
{
	struct ctx cx = {.mem = arena_create(), .is_english = wants_english(argc, argv)};
	const struct command *c;
	struct timeval now;
	int used = 0, code;

	setlocale(LC_ALL, "C.UTF-8");
	setlocale(LC_NUMERIC, "C");
	gettimeofday(&now, NULL);
	cx.now_us = (int64_t)now.tv_sec * 1000000 + now.tv_usec;
	cx.user = user_name(cx.mem);
	c = find_command(lists, argc - 1, argv + 1, &used);
	if (c) {
		code = run(&cx, c, argc - 1 - used, argv + 1 + used);
	} else if (argc < 2 || strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
		print_overview(&cx, lists, argc < 2 ? stderr : stdout);
		code = argc < 2 ? 2 : 0;
	} else {
		fprintf(stderr, TR(&cx, "shuren: 没有命令 '%s'\n", "shuren: no command '%s'\n"),
			argv[1]);
		print_overview(&cx, lists, stderr);
		code = 2;
	}
	arena_free(cx.mem);
	return code;
}
