/* SPDX-License-Identifier: MIT */
/* What a process inherits; see process-state.h. */
#include "linux/process-state.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "linux/conventions.h"

#define STACK (8UL << 20)

/* Reading what can only be written fails with EBADF, as of what is closed; and the other way round. */
static void standard_streams(void)
{
	int fd;

	for (fd = 0; fd < 3; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) < 0)
			die("cannot open /dev/null: %s", strerror(errno));
	}
}

/* A soft limit is the caller's wish for programs that he does not know; it grows while we run. */
static void stack_room(void)
{
	struct rlimit l;

	if (getrlimit(RLIMIT_STACK, &l) < 0 || l.rlim_cur >= STACK)
		return;
	l.rlim_cur = l.rlim_max < STACK ? l.rlim_max : STACK;
	(void)setrlimit(RLIMIT_STACK, &l);
}

void process_begin(void)
{
	sigset_t none;

	standard_streams();
	(void)signal(SIGCHLD, SIG_DFL); /* ignored: waitpid(2) would find nobody */
	(void)signal(SIGXFSZ, SIG_IGN);
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	stack_room();
}
