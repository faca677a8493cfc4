/* SPDX-License-Identifier: MIT */
/* The child as the parent sees it; see session.h. */
#include "zlogin/session.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "linux/pidfd.h"
#include "zlogin/zlogin.h"

static bool ignored(int sig)
{
	struct sigaction sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

int session_signals(struct session *s)
{
	static const int passed[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGWINCH};
	sigset_t set;
	size_t i;

	(void)sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(passed); i++)
		if (!ignored(passed[i]))
			(void)sigaddset(&set, passed[i]);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return s->signals < 0 ? -errno : 0;
}

int session_next_signal(const struct session *s)
{
	struct signalfd_siginfo info;

	return read(s->signals, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
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
