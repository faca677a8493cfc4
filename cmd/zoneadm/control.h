/* SPDX-License-Identifier: MIT */
/*
 * Asking a zone's zoneadmd to do something, and starting it when it does not run.
 */
#pragma once

#include "linux/util.h"
#include "zone/zoneadmd-door.h"

/*
 * Sends one command and prints the daemon's lines on stderr. Starts the daemon
 * (under the zone's lock) when nobody serves its door; asks again when the daemon
 * was just going away. bootargs: NULL or less than BOOTARGS_MAX bytes. Returns
 * the exit code.
 */
int control_call(const char *zone, enum zoneadmd_cmd cmd, const char *bootargs);
/* The same; hooks of the brand are told to say more. */
int control_call_debug(const char *zone, enum zoneadmd_cmd cmd, const char *bootargs, bool debug);

/* The same for a command that tells something: the lines go to stdout when it succeeds. */
int control_show(const char *zone, enum zoneadmd_cmd cmd);

/* Tells a daemon that runs, and is content when none does. The exit code. */
int control_notify(const char *zone, enum zoneadmd_cmd cmd);
