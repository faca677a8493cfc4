/* SPDX-License-Identifier: MIT */
/*
 * The table of commands and states. It has a row for each group of states that
 * behave alike and a column for each command.
 *
 * Linux: a zone on its way down is taken down before it is booted; the original says that it is
 * booted already.
 *
 * Who loses a race to the state that he wanted is told so and succeeds. The forced
 * forms take an incomplete zone for an installed one; nothing else differs.
 */
#include "zoneadmd/command.h"

#include <assert.h>

#define COMMAND_COUNT (Z_APPLY_SHOW + 1)

enum row {
	ROW_CONFIGURED, /* configured, incomplete: not for this daemon */
	ROW_INSTALLED,
	ROW_READY,
	ROW_RUNNING,
	ROW_ENDING, /* shutting down, down */
	ROW_MOUNTED,
	ROW_COUNT,
};

static const char *const names[COMMAND_COUNT] = {
	[Z_READY] = "ready",
	[Z_BOOT] = "boot",
	[Z_FORCEBOOT] = "forceboot",
	[Z_REBOOT] = "reboot",
	[Z_HALT] = "halt",
	[Z_NOTE_UNINSTALLING] = "note_uninstalling",
	[Z_MOUNT] = "mount",
	[Z_FORCEMOUNT] = "forcemount",
	[Z_UNMOUNT] = "unmount",
	[Z_SHUTDOWN] = "shutdown",
	[Z_APPLY] = "apply",
	[Z_APPLY_SHOW] = "apply",
};

/* What is not listed is ACTION_INVALID. */
static const enum command_action table[ROW_COUNT][COMMAND_COUNT] = {
	[ROW_INSTALLED] =
		{
			[Z_READY] = ACTION_READY,
			[Z_BOOT] = ACTION_READY_BOOT,
			[Z_FORCEBOOT] = ACTION_READY_BOOT,
			[Z_HALT] = ACTION_ALREADY_HALTED,
			[Z_NOTE_UNINSTALLING] = ACTION_UNINSTALLING,
			[Z_MOUNT] = ACTION_MOUNT,
			[Z_FORCEMOUNT] = ACTION_MOUNT,
			[Z_UNMOUNT] = ACTION_ALREADY_UNMOUNTED,
			[Z_SHUTDOWN] = ACTION_ALREADY_HALTED,
		},
	[ROW_READY] =
		{
			[Z_READY] = ACTION_ALREADY_READY,
			[Z_BOOT] = ACTION_BOOT,
			[Z_FORCEBOOT] = ACTION_BOOT,
			[Z_HALT] = ACTION_HALT,
		},
	[ROW_RUNNING] =
		{
			[Z_READY] = ACTION_HALT_READY,
			[Z_BOOT] = ACTION_ALREADY_BOOTED,
			[Z_FORCEBOOT] = ACTION_ALREADY_BOOTED,
			[Z_REBOOT] = ACTION_REBOOT,
			[Z_HALT] = ACTION_HALT,
			[Z_SHUTDOWN] = ACTION_SHUTDOWN,
			[Z_APPLY] = ACTION_APPLY,
			[Z_APPLY_SHOW] = ACTION_APPLY_SHOW,
		},
	[ROW_ENDING] =
		{
			[Z_READY] = ACTION_HALT_READY,
			[Z_BOOT] = ACTION_REBOOT,
			[Z_FORCEBOOT] = ACTION_REBOOT,
			[Z_REBOOT] = ACTION_REBOOT,
			[Z_HALT] = ACTION_HALT,
			[Z_SHUTDOWN] = ACTION_SHUTDOWN,
		},
	[ROW_MOUNTED] =
		{
			[Z_UNMOUNT] = ACTION_HALT,
		},
};

bool command_known(int32_t cmd)
{
	return cmd >= 0 && cmd < COMMAND_COUNT;
}

const char *command_name(int32_t cmd)
{
	return command_known(cmd) ? names[cmd] : "unknown";
}

static enum row row_of(enum zone_state state)
{
	switch (state) {
	case ZONE_STATE_CONFIGURED:
	case ZONE_STATE_INCOMPLETE:
		return ROW_CONFIGURED;
	case ZONE_STATE_INSTALLED:
		return ROW_INSTALLED;
	case ZONE_STATE_READY:
		return ROW_READY;
	case ZONE_STATE_RUNNING:
		return ROW_RUNNING;
	case ZONE_STATE_SHUTTING_DOWN:
	case ZONE_STATE_DOWN:
		return ROW_ENDING;
	case ZONE_STATE_MOUNTED:
		return ROW_MOUNTED;
	}
	return ROW_CONFIGURED;
}

enum command_action command_action(enum zone_state state, enum zoneadmd_cmd cmd)
{
	assert(command_known((int32_t)cmd));
	if (state == ZONE_STATE_INCOMPLETE && (cmd == Z_FORCEBOOT || cmd == Z_FORCEMOUNT))
		state = ZONE_STATE_INSTALLED;
	return table[row_of(state)][cmd];
}
