/* SPDX-License-Identifier: MIT */
/* How the zone's init ended, for the zone's log. */
#pragma once

#include "linux/util.h"

/*
 * One sentence for a wait(2) status. Linux: reboot(2) in a pid namespace ends its init by SIGINT
 * (halt, power off) or SIGHUP (reboot); that is the zone's own wish and not a failure.
 */
void init_status_text(int status, char *buf, size_t size);
