#include "mod/allocate/allocate_cmd.h"

#include "mod/allocate/admit_cmd.h"
#include "mod/allocate/forecast_cmd.h"
#include "mod/allocate/pass_cmd.h"
#include "mod/allocate/places_cmd.h"
#include "mod/allocate/teachers_cmd.h"
#include "mod/allocate/zone_cmd.h"

const struct command allocate_commands[] = {
	{"allocate admit", "PLACE | --from LEDGER=FILE", 0, 1, admit_cmd_options,
		"高中录取: 志愿优先稳定匹配, 指标到校名额, 结果另行核验",
		"senior-high admission: stable matching with reserved pools, checked apart",
		admit_cmd},
	{"allocate forecast", "PLACE | --from LEDGER=FILE", 0, 1, forecast_cmd_options,
		"在校生预测: 分县区或乡镇、学段, 带历史检验的区间和假设情景",
		"forecast enrolment by county or town and stage, with tested intervals",
		forecast_cmd},
	{"allocate pass", "PLACE | --from LEDGER=FILE, --prices FILE --stage STAGE", 0, 1,
		pass_cmd_options, "达标最省方案: 每所学校要添什么, 花多少, 离最优至多差多少",
		"the cheapest path to pass: what each school needs, and how good the plan is",
		pass_cmd},
	{"allocate places", "PLACE | --from LEDGER=FILE", 0, 1, places_cmd_options,
		"学位布局: 哪些校点扩建、新建、改办、停办, 每条有理由, 离最优至多差多少",
		"school places: which sites to enlarge, open, convert or close, and how good the "
		"plan is",
		places_cmd},
	{"allocate teachers", "PLACE | --from LEDGER=FILE", 0, 1, teachers_cmd_options,
		"教师交流轮岗: 谁到哪所学校教什么, 不破硬规则, 离最优至多差多少",
		"moves of teachers: who goes where, within the hard rules, and how good the plan "
		"is",
		teachers_cmd},
	{"allocate zone", "PLACE | --from LEDGER=FILE, --stage STAGE", 0, 1, zone_cmd_options,
		"学区划片: 每个社区归哪所学校, 学区成片、不超学位, 离最优至多差多少",
		"school zones: which community goes to which school, whole zones within the "
		"limits, and how good they are",
		zone_cmd},
	{0},
};
