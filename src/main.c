/* The one list of commands. */
#include "mod/allocate/allocate_cmd.h"
#include "mod/audit/audit_cmd.h"
#include "mod/auth/auth_cmd.h"
#include "mod/auth/unseal_cmd.h"
#include "mod/backup/backup_cmd.h"
#include "mod/demo/demo_cmd.h"
#include "mod/evaluate/evaluate_cmd.h"
#include "mod/keys/keys_cmd.h"
#include "mod/ledger/ledger_cmd.h"
#include "mod/measure/measure_cmd.h"
#include "mod/pack/pack_cmd.h"
#include "mod/packtest/packtest_cmd.h"
#include "mod/plan/promise_cmd.h"
#include "mod/serve/serve_cmd.h"
#include "mod/setup/setup_cmd.h"
#include "mod/solve/solve_cmd.h"

int main(int argc, char **argv)
{
	static const struct command *const lists[] = {setup_commands, demo_commands,
		ledger_commands, keys_commands, measure_commands, promise_commands,
		evaluate_commands, report_commands, allocate_commands, pack_commands,
		packtest_commands, solve_commands, audit_commands, auth_commands, unseal_commands,
		backup_commands, serve_commands, NULL};

	return cli_main(lists, argc, argv);
}
