/* SPDX-License-Identifier: MIT */
/*
 * Keeps a zoneview running: one thread that starts it, waits for its end and starts another, once a
 * second at most. A zoneview of an earlier zoned gives its place to the new one. Zones boot without;
 * those that have a view wait for it when they look.
 */
#include "zoned/view.h"

#include "linux/clock.h"
#include "linux/instance.h"
#include "linux/log.h"
#include "linux/pidfd.h"
#include "zoned/zone-impl.h"

#include <limits.h>
#include <poll.h>
#include <pthread.h>

#define PAUSE_MS 1000 /* from one start to the next: one that fails at once shall not spin */

static int start(char *path)
{
	char *argv[] = {path, NULL};
	pid_t pid;
	int r = program_spawn(argv, FD_NONE, &pid);

	return r < 0 ? r : pidfd_of(pid);
}

static void wait_end(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	while (poll(&p, 1, -1) < 0 && errno == EINTR)
		;
	(void)fd_close(pidfd);
}

static void *keep(void *arg)
{
	bool told = false;
	char path[PATH_MAX];

	if (instance_program(path, sizeof(path), "zoneview") < 0)
		return NULL;
	for (;;) {
		int64_t again = clock_now_ms() + PAUSE_MS, left;
		int fd = start(path);

		if (fd >= 0)
			wait_end(fd);
		else if (fd != -ESRCH && !told)
			log_line(LOG_ERR, "Cannot start %s: %s", path, strerror(-fd));
		told = fd < 0;
		left = again - clock_now_ms();
		if (left > 0)
			(void)poll(NULL, 0, (int)left);
	}
	return NULL;
}

int view_start(void)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, keep, NULL);

	if (r == 0)
		(void)pthread_detach(thread);
	return -r;
}
