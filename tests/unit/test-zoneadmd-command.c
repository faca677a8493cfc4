/* SPDX-License-Identifier: MIT */
/* Every cell of zoneadmd's table of commands and states. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "zoneadmd/command.h"

#define XX ACTION_INVALID
#define MT ACTION_MOUNT

/* ready boot forceboot reboot halt note_uninstalling mount forcemount unmount shutdown apply apply_show */
static const struct {
	enum zone_state state;
	enum command_action cell[Z_APPLY_SHOW + 1];
} expected[] = {
	{ZONE_STATE_CONFIGURED, {XX, XX, XX, XX, XX, XX, XX, XX, XX, XX}},
	{ZONE_STATE_INCOMPLETE, {XX, XX, ACTION_READY_BOOT, XX, XX, XX, XX, MT, XX, XX}},
	{ZONE_STATE_INSTALLED, {ACTION_READY, ACTION_READY_BOOT, ACTION_READY_BOOT, XX,
				       ACTION_ALREADY_HALTED, ACTION_UNINSTALLING, MT, MT,
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

#define STATES	 ARRAY_SIZE(expected)
#define COMMANDS (Z_APPLY_SHOW + 1)

/* A cell of the table, which is a test with a name of its own. */
struct cell {
	size_t row;
	int cmd;
	char name[64];
};

static void test_cell(void **state)
{
	const struct cell *c = *state;

	assert_int_equal(command_action(expected[c->row].state, (enum zoneadmd_cmd)c->cmd),
		expected[c->row].cell[c->cmd]);
}

static int test_all_cells(void)
{
	static struct cell cells[STATES * COMMANDS];
	static struct CMUnitTest tests[STATES * COMMANDS];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cells); i++) {
		struct cell *c = &cells[i];

		c->row = i / COMMANDS;
		c->cmd = (int)(i % COMMANDS);
		(void)snprintf(c->name, sizeof(c->name), "%s (%d) in %s", command_name(c->cmd),
			c->cmd, zone_state_str(expected[c->row].state));
		tests[i] = (struct CMUnitTest){
			.name = c->name, .test_func = test_cell, .initial_state = c};
	}
	return _cmocka_run_group_tests("cells", tests, ARRAY_SIZE(tests), NULL, NULL);
}

static void test_every_state_has_a_row(void **state)
{
	assert_int_equal(STATES, ZONE_STATE_MOUNTED + 1);
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
		cmocka_unit_test(test_every_state_has_a_row),
		cmocka_unit_test(test_numbers),
	};

	return test_all_cells() + cmocka_run_group_tests(tests, NULL, NULL);
}
