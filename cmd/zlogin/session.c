/* SPDX-License-Identifier: MIT */
/* The child as the parent sees it; see session.h. */
#include "zlogin/session.h"

#include <signal.h>
#include <sys/wait.h>

#include "linux/pidfd.h"
#include "linux/signals.h"
#include "zlogin/zlogin.h"

int session_signals(struct session *s)
{
	s->signals = signals_take();
	return s->signals < 0 ? s->signals : 0;
}

void session_forward(const struct session *s, int sig)
{
	/* The child is not reaped, so its number means it, and its group has the same. */
	if (kill(-s->pid, sig) < 0)
		(void)pidfd_signal(s->pidfd, sig);
}

int session_wait(const struct session *s)
{
	int status;

	while (waitpid(s->pid, &status, 0) < 0)
		if (errno != EINTR)
			return ZLOGIN_FAILED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
