/* SPDX-License-Identifier: MIT */
/*
 * One thread that waits for the end of every zone's zsched and init, by pidfd.
 *
 * An event says only where to look: the zone's id and which of the two. By the time it
 * is handled the zone may be another, so the process is looked at again. What is
 * done then takes long and gets a thread of its own.
 */
#include "zoned/zone-impl.h"

#include "linux/log.h"

#include <sys/epoll.h>

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

void zone_thread(struct zone *z, void (*fn)(struct zone *z))
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
	if (r) {
		log_line(LOG_ERR, "zone=%s A process of it ended, and no thread can be made: %s",
			z->name, strerror(r));
		free(e);
		zone_rele(z, ZONE_REF_WATCH);
	}
}

static void handle(uint64_t key)
{
	struct zone *z = zone_hold_by_id(
		(zoneid_t)(key >> 1), ZONE_IS_INITIALIZED, ZONE_IS_DOWN, ZONE_REF_WATCH);

	if (!z)
		return;
	if ((key & 1) == WATCH_INIT)
		zone_init_ended(z);
	else
		zone_thread(z, zone_bury);
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

int zone_watch_start(void)
{
	pthread_t thread;
	int r;

	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (epoll_fd < 0)
		return -errno;
	r = pthread_create(&thread, NULL, watch, NULL);
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
