/* SPDX-License-Identifier: MIT */
/* Every cell of zoneadmd's table of commands and states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zoneadmd/command.h"

#define XX ACTION_INVALID
#define NO ACTION_UNSUPPORTED

/* ready boot forceboot reboot halt note_uninstalling mount forcemount unmount shutdown apply apply_show */
static const struct {
	enum zone_state state;
	enum command_action cell[Z_APPLY_SHOW + 1];
} expected[] = {
	{ZONE_STATE_CONFIGURED, {XX, XX, XX, XX, XX, XX, XX, XX, XX, XX}},
	{ZONE_STATE_INCOMPLETE, {XX, XX, ACTION_READY_BOOT, XX, XX, XX, XX, NO, XX, XX}},
	{ZONE_STATE_INSTALLED, {ACTION_READY, ACTION_READY_BOOT, ACTION_READY_BOOT, XX,
				       ACTION_ALREADY_HALTED, ACTION_UNINSTALLING, NO, NO,
				       ACTION_ALREADY_UNMOUNTED, ACTION_ALREADY_HALTED}},
	{ZONE_STATE_READY, {ACTION_ALREADY_READY, ACTION_BOOT, ACTION_BOOT, XX, ACTION_HALT, XX, XX,
				   XX, XX, XX}},
	{ZONE_STATE_RUNNING, {ACTION_HALT_READY, ACTION_ALREADY_BOOTED, ACTION_ALREADY_BOOTED,
				     ACTION_REBOOT, ACTION_HALT, XX, XX, XX, XX, ACTION_SHUTDOWN,
				     ACTION_APPLY, ACTION_APPLY_SHOW}},
	{ZONE_STATE_SHUTTING_DOWN, {ACTION_HALT_READY, ACTION_REBOOT, ACTION_REBOOT, ACTION_REBOOT,
					   ACTION_HALT, XX, XX, XX, XX, ACTION_SHUTDOWN}},
	{ZONE_STATE_DOWN, {ACTION_HALT_READY, ACTION_REBOOT, ACTION_REBOOT, ACTION_REBOOT,
				  ACTION_HALT, XX, XX, XX, XX, ACTION_SHUTDOWN}},
	{ZONE_STATE_MOUNTED, {XX, XX, XX, XX, XX, XX, XX, XX, ACTION_HALT, XX}},
};

static void test_cells(void **state)
{
	size_t i;
	int cmd;

	assert_int_equal(ARRAY_SIZE(expected), ZONE_STATE_MOUNTED + 1);
	for (i = 0; i < ARRAY_SIZE(expected); i++) {
		for (cmd = Z_READY; cmd <= Z_APPLY_SHOW; cmd++) {
			if (command_action(expected[i].state, (enum zoneadmd_cmd)cmd) !=
				expected[i].cell[cmd])
				fail_msg("%s in state %s", command_name(cmd),
					zone_state_str(expected[i].state));
		}
	}
}

static void test_numbers(void **state)
{
	assert_false(command_known(-1));
	assert_false(command_known(Z_APPLY_SHOW + 1));
	assert_false(command_known(INT32_MAX));
	assert_true(command_known(Z_READY));
	assert_true(command_known(Z_APPLY_SHOW));
	assert_string_equal(command_name(-1), "unknown");
	assert_string_equal(command_name(Z_APPLY_SHOW + 1), "unknown");
	assert_string_equal(command_name(Z_NOTE_UNINSTALLING), "note_uninstalling");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells),
		cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
