/* SPDX-License-Identifier: MIT */
/*
 * Fault injection for tests, only in zoneadmd-fault, which is not installed: the daemon
 * kills itself right after the stage that ZONEADMD_CRASH_AT names ("mounts",
 * "down-create").
 */
#pragma once

#include "linux/util.h"

#ifdef ZONES_FAULT_INJECTION
#include <signal.h>

static inline void fault_point(const char *direction, const char *stage)
{
	const char *at = getenv("ZONEADMD_CRASH_AT");
	size_t n = strlen(direction);

	if (at && strncmp(at, direction, n) == 0 && streq(at + n, stage))
		(void)kill(getpid(), SIGKILL);
}
#else
static inline void fault_point(const char *direction, const char *stage)
{
}
#endif
