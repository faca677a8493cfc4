/* SPDX-License-Identifier: MIT */
/*
 * The door of this zoneadmd: checks of the caller and his request, one command
 * at a time, and the end of the daemon when nothing needs it any more.
 *
 * Lock: command_lock, held over a whole command (calls to zoned, zsched,
 * dlmgmtd, programs that are run), except that Z_SHUTDOWN waits for the zone without it. It
 * guards `dying` and `shutting` too. The console has locks of its own (console.c).
 */
#pragma once

#include <door_linux.h>

#include "linux/diag.h"

/*
 * Creates the door and attaches it at the zone's path. zone is kept. Starts the server
 * threads: nothing may fork afterwards. 0 or a negative errno with a line in d.
 */
int server_start(const char *zone, struct diag *d);

/*
 * Waits until the zone needs no zoneadmd (it is installed again, or is being
 * uninstalled, or nobody came to change it), takes the door's name away, and returns when the last client has
 * let go of it, or a second later.
 */
void server_wait(void);
