/* SPDX-License-Identifier: MIT */
/*
 * Preloaded into zoned: what happens to it between two of its steps, or what the system refuses. Each
 * fault is a file in the folder ZONED_FAULT, and is over when it is gone.
 *
 *   kill-zsched   "PID DIRECTORY": when a zsched begins to be watched this process is killed, and it is waited
 *                 until the directory is gone, two seconds at most
 *   no-thread     a thread that waits for events cannot make another one
 *   no-watch      no zsched can be watched: the kernel has no room for it
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define STEP_US 10000
#define STEPS	200

static __thread bool waits; /* it has waited for events */

static bool fault(const char *name, char *path, size_t size)
{
	const char *folder = getenv("ZONED_FAULT");

	if (!folder || snprintf(path, size, "%s/%s", folder, name) >= (int)size)
		return false;
	return access(path, F_OK) == 0;
}

static void kill_zsched(const char *path)
{
	char gone[512];
	FILE *f = fopen(path, "re");
	int pid, n = f ? fscanf(f, "%d %511s", &pid, gone) : 0;

	if (f)
		(void)fclose(f);
	if (n != 2 || unlink(path) < 0 || kill(pid, SIGKILL) < 0)
		return;
	for (int i = 0; i < STEPS && access(gone, F_OK) == 0; i++)
		(void)usleep(STEP_US);
	(void)usleep(10 * STEP_US); /* for what is done after that */
}

/* The key of an init is odd. */
static bool is_zsched(int fd, const struct epoll_event *ev)
{
	char path[64], link[64];
	ssize_t n;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, link, sizeof(link) - 1);
	link[n > 0 ? n : 0] = '\0';
	return ev->events == (EPOLLIN | EPOLLONESHOT) && !(ev->data.u64 & 1) &&
	       strstr(link, "pidfd");
}

int epoll_ctl(int ep, int op, int fd, struct epoll_event *ev)
{
	int (*real)(int, int, int, struct epoll_event *) = dlsym(RTLD_NEXT, "epoll_ctl");
	char path[512];
	int r;

	if (op == EPOLL_CTL_ADD && is_zsched(fd, ev) && fault("no-watch", path, sizeof(path))) {
		errno = ENOSPC;
		return -1;
	}
	r = real(ep, op, fd, ev);
	if (r == 0 && op == EPOLL_CTL_ADD && is_zsched(fd, ev) &&
		fault("kill-zsched", path, sizeof(path)))
		kill_zsched(path);
	return r;
}

int epoll_wait(int ep, struct epoll_event *ev, int max, int timeout)
{
	int (*real)(int, struct epoll_event *, int, int) = dlsym(RTLD_NEXT, "epoll_wait");

	waits = true;
	return real(ep, ev, max, timeout);
}

int pthread_create(pthread_t *ret, const pthread_attr_t *attr, void *(*fn)(void *), void *arg)
{
	int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *) =
		dlsym(RTLD_NEXT, "pthread_create");
	char path[512];

	return waits && fault("no-thread", path, sizeof(path)) ? EAGAIN : real(ret, attr, fn, arg);
}
