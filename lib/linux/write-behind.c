/* SPDX-License-Identifier: MIT */
/*
 * See write-behind.h.
 *
 * Each syncfs(2) ends with a commit of the file system's journal, for which those who write wait a little. So
 * it comes at most ten times a second, and on a slow disk takes at most half of the time.
 */
#include "linux/write-behind.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "linux/clock.h"

#define PAUSE_MS 100

static void __attribute__((noreturn)) child(int fd, pid_t parent)
{
	int64_t pause = PAUSE_MS;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	while (getppid() == parent) {
		const struct timespec t = {pause / 1000, pause % 1000 * 1000000};
		int64_t start;

		/* An interrupt is for the parent. */
		(void)nanosleep(&t, NULL);
		start = clock_now_ms();
		if (syncfs(fd) < 0)
			_exit(1);
		pause = clock_now_ms() - start;
		pause = pause < PAUSE_MS ? PAUSE_MS : pause;
	}
	_exit(0);
}

void write_behind_start(struct write_behind *w, int fd)
{
	pid_t parent = getpid();

	w->pid = fork();
	if (w->pid == 0)
		child(fd, parent);
}

void write_behind_stop(struct write_behind *w)
{
	if (w->pid <= 0)
		return;
	(void)kill(w->pid, SIGKILL);
	while (waitpid(w->pid, NULL, 0) < 0 && errno == EINTR)
		;
	w->pid = 0;
}
