/* SPDX-License-Identifier: MIT */
/* Signals to be passed on; see signals.h. */
#include "linux/signals.h"

#include <signal.h>
#include <sys/signalfd.h>

static bool ignored(int sig)
{
	struct sigaction sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

int signals_take(int also)
{
	static const int passed[] = {SIGINT, SIGQUIT, SIGTERM, SIGHUP, SIGWINCH};
	sigset_t set;
	size_t i;
	int fd;

	(void)sigemptyset(&set);
	for (i = 0; i < ARRAY_SIZE(passed); i++)
		if (!ignored(passed[i]))
			(void)sigaddset(&set, passed[i]);
	if (also)
		(void)sigaddset(&set, also);
	(void)signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

void signals_reset(void)
{
	struct sigaction dfl = {.sa_handler = SIG_DFL};
	sigset_t none;
	int sig;

	for (sig = 1; sig < NSIG; sig++)
		(void)sigaction(sig, &dfl, NULL);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}
