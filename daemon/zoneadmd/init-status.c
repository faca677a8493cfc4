/* SPDX-License-Identifier: MIT */
/* Wait statuses of init in words; see init-status.h. */
#include "zoneadmd/init-status.h"

#include <signal.h>
#include <sys/wait.h>

void init_status_text(int status, char *buf, size_t size)
{
	if (WIFEXITED(status))
		(void)snprintf(buf, size, "init exited with status %d", WEXITSTATUS(status));
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGINT)
		(void)snprintf(buf, size, "the zone halted itself");
	else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP)
		(void)snprintf(buf, size, "the zone rebooted itself");
	else if (WIFSIGNALED(status))
		(void)snprintf(buf, size, "init was killed by signal %d (%s)%s", WTERMSIG(status),
			strsignal(WTERMSIG(status)), WCOREDUMP(status) ? ", core dumped" : "");
	else
		(void)snprintf(
			buf, size, "init ended with the unknown status 0x%x", (unsigned int)status);
}
