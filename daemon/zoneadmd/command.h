/* SPDX-License-Identifier: MIT */
/*
 * Which command does what in which state: the table of illumos zoneadmd.c as
 * data, so that every cell can be tested.
 */
#pragma once

#include "zone/zoneadmd-door.h"
#include "zonecfg/status.h"

enum command_action {
	ACTION_INVALID,	      /* not in this state: refused by name */
	ACTION_READY,	      /* build the platform */
	ACTION_READY_BOOT,    /* build it and start init */
	ACTION_BOOT,	      /* start init on a platform that is there */
	ACTION_MOUNT,	      /* build a place to repair the zone in */
	ACTION_HALT,	      /* take everything down */
	ACTION_HALT_READY,    /* take everything down, build it again */
	ACTION_REBOOT,	      /* take everything down, build it again, start init */
	ACTION_SHUTDOWN,      /* ask the zone to shut itself down, wait */
	ACTION_APPLY,	      /* bring it to its configuration, if it runs */
	ACTION_APPLY_SHOW,    /* say what that would change */
	ACTION_UNINSTALLING,  /* this daemon must go */
	ACTION_ALREADY_READY, /* nothing to do: somebody else was quicker */
	ACTION_ALREADY_BOOTED,
	ACTION_ALREADY_HALTED,
	ACTION_ALREADY_UNMOUNTED,
};

/* True for the numbers of enum zoneadmd_cmd. */
bool command_known(int32_t cmd);

/* "ready", "boot", ...; "unknown" for a number that is none. */
const char *command_name(int32_t cmd);

/* The cell of the table. cmd must be known. */
enum command_action command_action(enum zone_state state, enum zoneadmd_cmd cmd);
