#include "mod/allocate/allocate_cmd.h"

#include "mod/allocate/pass_cmd.h"

const struct command allocate_commands[] = {
	{"allocate pass", "PLACE | --from LEDGER=FILE, --prices FILE --stage STAGE", 0, 1,
		pass_cmd_options, "达标最省方案: 每所学校要添什么, 花多少, 离最优至多差多少",
		"the cheapest path to pass: what each school needs, and how good the plan is",
		pass_cmd},
	{0},
};
