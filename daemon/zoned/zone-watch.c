/* SPDX-License-Identifier: MIT */
/*
 * One thread that waits for the end of every zone's zsched and init, by pidfd.
 *
 * An event says only where to look: the zone's id and which of the two. By the time it
 * is handled the zone may be another, so the process is looked at again. What is
 * done then takes long and gets a thread of its own.
 *
 * What ends while zoned starts is handled when all of zoned is there: who finds zones again can
 * be sure that none of them goes away, and the dls half has its links before one of them comes home.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"

#include <sys/epoll.h>
#include <time.h>

#define NO_THREAD_MS 100 /* between two tries to make one */

static int epoll_fd = FD_NONE;

struct errand {
	struct zone *z;
	void (*fn)(struct zone *z);
};

static void *run(void *arg)
{
	struct errand e = *(struct errand *)arg;

	free(arg);
	e.fn(e.z);
	return NULL;
}

int zone_thread(struct zone *z, void (*fn)(struct zone *z))
{
	struct errand *e = malloc(sizeof(*e));
	pthread_attr_t attr;
	pthread_t thread;
	int r = ENOMEM;

	if (e) {
		*e = (struct errand){z, fn};
		(void)pthread_attr_init(&attr);
		(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
		r = pthread_create(&thread, &attr, run, e);
		(void)pthread_attr_destroy(&attr);
	}
	if (r)
		free(e);
	return -r;
}

/* An event comes once, and all that could be done meanwhile needs a thread as well: so it is waited for one. */
static void thread_in_time(struct zone *z, void (*fn)(struct zone *z))
{
	const struct timespec pause = {.tv_nsec = NO_THREAD_MS * 1000000L};
	int r = zone_thread(z, fn);

	if (r < 0)
		log_line(LOG_ERR,
			"zone=%s A process of it ended; it waits for a thread that can be made: %s",
			z->name, strerror(-r));
	while (r < 0) {
		(void)nanosleep(&pause, NULL);
		r = zone_thread(z, fn);
	}
}

static void handle(uint64_t key)
{
	struct zone *z = zone_hold_by_id(
		(zoneid_t)(key >> 1), ZONE_IS_INITIALIZED, ZONE_IS_DOWN, ZONE_REF_WATCH);

	if (z)
		thread_in_time(z, (key & 1) == WATCH_INIT ? zone_init_ended : zone_bury);
}

static void *watch(void *arg)
{
	struct epoll_event ev[16];

	for (;;) {
		int i, n = epoll_wait(epoll_fd, ev, ARRAY_SIZE(ev), -1);

		for (i = 0; i < n; i++)
			handle(ev[i].data.u64);
	}
	return NULL;
}

int zone_watch_open(void)
{
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	return epoll_fd < 0 ? -errno : 0;
}

int zone_watch_start(void)
{
	pthread_t thread;
	int r = pthread_create(&thread, NULL, watch, NULL);

	if (r == 0)
		(void)pthread_detach(thread);
	return -r;
}

int zone_watch_add(struct zone *z, enum zone_watch_kind kind, int pidfd)
{
	struct epoll_event ev = {
		.events = EPOLLIN | EPOLLONESHOT,
		.data.u64 = (uint64_t)z->id << 1 | kind,
	};

	return epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pidfd, &ev) < 0 ? -errno : 0;
}
