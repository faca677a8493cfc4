/* SPDX-License-Identifier: MIT */
/* What follows the end of a zone's init; see init-next.h. */
#include "zone/init-next.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

enum zsched_next zone_init_next(int wait_status, uint32_t policy)
{
	int sig = WIFSIGNALED(wait_status) ? WTERMSIG(wait_status) : 0;
	bool clean = WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == 0;

	/* Nobody in a zone can kill process 1 by these: they mean reboot(2). */
	if (sig == SIGHUP)
		return ZSCHED_NEXT_REBOOT;
	if (sig == SIGINT || (policy & ZSCHED_INIT_NORESTART))
		return ZSCHED_NEXT_HALT;
	if ((policy & ZSCHED_INIT_RESTART0) && !clean)
		return ZSCHED_NEXT_HALT;
	return policy & ZSCHED_INIT_REBOOT ? ZSCHED_NEXT_REBOOT : ZSCHED_NEXT_RESTART;
}
