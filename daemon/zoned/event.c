/* SPDX-License-Identifier: MIT */
/*
 * Subscribers of zone events. Each has the reading end of a pipe, and one thread
 * here writes a byte to it when the ring has something for it; what happened the subscriber reads
 * with a call of its own. A subscriber that does not read has a full pipe, which is not waited
 * for, and keeps nothing else of ours; one that is gone shows as an error of its pipe.
 *
 * Lock: subscribers_lock guards the list. Subscribers are added by door threads and
 * freed by the thread only. It is held over nothing that waits.
 */
#include "zoned/event.h"
#include "zoned/zone-impl.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/* Root of the global zone has as many as all others together; a zone has 65536 users, and each could ask. */
#define SUBSCRIBERS_MAX	     4096
#define SUBSCRIBERS_ZONE_MAX 256
#define SUBSCRIBERS_USER_MAX 64 /* of one zone */

struct subscriber {
	struct subscriber *next;
	int fd;		 /* writing end */
	uint64_t uniqid; /* of the zone it may see, 0: all */
	zoneid_t zoneid;
	uid_t uid;
	bool root; /* of the global zone */
	bool over; /* its zone is gone */
};

static pthread_mutex_t subscribers_lock = PTHREAD_MUTEX_INITIALIZER;
static struct subscriber *subscribers;
static int epoll_fd = FD_NONE, wake_fd = FD_NONE;

void events_wake(void)
{
	uint64_t one = 1;

	if (wake_fd >= 0)
		(void)!write(wake_fd, &one, sizeof(one));
}

/* ---- the thread ---- */

/* Zones that have events since the last round; all when there were too many to look at. */
struct news {
	struct zone_events_read_reply *reply;
	uint64_t position;
};

static bool concerns(const struct news *n, const struct subscriber *s)
{
	uint32_t i;

	if (!s->uniqid || n->reply->more)
		return true;
	for (i = 0; i < n->reply->count; i++)
		if (n->reply->events[i].uniqid == s->uniqid)
			return true;
	return false;
}

static void tell_all(struct news *n)
{
	struct subscriber *s;
	uint64_t count;

	(void)!read(wake_fd, &count, sizeof(count));
	event_ring_read(n->position, ZONE_EVENTS_MAX, 0, n->reply);
	n->position = n->reply->position;
	(void)pthread_mutex_lock(&subscribers_lock);
	for (s = subscribers; s; s = s->next)
		if (concerns(n, s))
			(void)!write(s->fd, "", 1);
	(void)pthread_mutex_unlock(&subscribers_lock);
	if (n->reply->more)
		events_wake();
}

static void drop(struct subscriber *gone)
{
	struct subscriber **at;

	(void)pthread_mutex_lock(&subscribers_lock);
	for (at = &subscribers; *at != gone; at = &(*at)->next)
		;
	*at = gone->next;
	(void)pthread_mutex_unlock(&subscribers_lock);
	zone_cred_rele(gone->zoneid);
	(void)fd_close(gone->fd);
	free(gone);
}

/* Those that have nobody to see any more, one after the other: they are few. */
static void drop_over(void)
{
	struct subscriber *s;

	do {
		(void)pthread_mutex_lock(&subscribers_lock);
		for (s = subscribers; s && !s->over; s = s->next)
			;
		(void)pthread_mutex_unlock(&subscribers_lock);
		if (s)
			drop(s);
	} while (s);
}

static void *notify(void *arg)
{
	struct news news = {.reply = arg};
	struct epoll_event ev[16];

	event_ring_read(0, 0, 0, news.reply);
	news.position = news.reply->position;
	for (;;) {
		int i, n = epoll_wait(epoll_fd, ev, ARRAY_SIZE(ev), -1);

		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr)
				drop(ev[i].data.ptr);
			else
				tell_all(&news);
		}
		drop_over(); /* not before: the events may be about them */
	}
	return NULL;
}

/* What a zone had subscribed to was itself: whoever has the pipe now finds its end. */
static void end_subscriptions(struct zone *z, void *data)
{
	struct subscriber *s;

	(void)pthread_mutex_lock(&subscribers_lock);
	for (s = subscribers; s; s = s->next)
		s->over |= s->uniqid == z->uniqid;
	(void)pthread_mutex_unlock(&subscribers_lock);
	events_wake();
}

int events_start(void)
{
	static const struct zsd_callbacks callbacks = {
		.name = "events", .destroy = end_subscriptions};
	zone_key_t key;
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
	struct zone_events_read_reply *reply;
	pthread_t thread;
	int r;

	reply = calloc(1, sizeof(*reply) + ZONE_EVENTS_MAX * sizeof(reply->events[0]));
	if (!reply)
		return -ENOMEM;
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (epoll_fd < 0 || wake_fd < 0 || epoll_ctl(epoll_fd, EPOLL_CTL_ADD, wake_fd, &ev) < 0) {
		r = -errno;
		free(reply);
		return r;
	}
	r = pthread_create(&thread, NULL, notify, reply);
	if (r) {
		free(reply);
		return -r;
	}
	(void)pthread_detach(thread);
	return zsd_key_create(&callbacks, &key);
}

/* ---- calls ---- */

/* Which zone's events the caller may see; 0: all. -EINVAL when its zone is not there any more. */
static int scope(const struct zoned_call *call, uint64_t *ret_uniqid)
{
	struct zone *z;

	if (call->zoneid == GLOBAL_ZONEID) {
		*ret_uniqid = 0;
		return 0;
	}
	z = zone_hold_by_id(call->zoneid, ZONE_IS_INITIALIZED, ZONE_IS_DEAD, ZONE_REF_EVENT);
	if (!z)
		return -EINVAL;
	*ret_uniqid = z->uniqid;
	zone_rele(z, ZONE_REF_EVENT);
	return 0;
}

int serve_events_read(struct zoned_call *call)
{
	const struct zone_events_read_req *req = call->req;
	struct zone_events_read_reply *reply = call->reply;
	size_t room = (call->reply_max - sizeof(*reply)) / sizeof(reply->events[0]);
	uint32_t max = req->max < room ? req->max : (uint32_t)room;
	uint64_t uniqid;
	int r = scope(call, &uniqid);

	if (r < 0)
		return r;
	event_ring_read(req->after, max, uniqid, reply);
	call->reply_size = sizeof(*reply) + reply->count * sizeof(reply->events[0]);
	return 0;
}

static bool room_for_locked(const struct subscriber *one)
{
	unsigned int all = 0, zone = 0, user = 0;
	const struct subscriber *s;

	for (s = subscribers; s; s = s->next) {
		all += s->root == one->root;
		zone += s->zoneid == one->zoneid;
		user += s->zoneid == one->zoneid && s->uid == one->uid;
	}
	if (all >= SUBSCRIBERS_MAX)
		return false;
	return one->root || ((one->zoneid == GLOBAL_ZONEID || zone < SUBSCRIBERS_ZONE_MAX) &&
				    user < SUBSCRIBERS_USER_MAX);
}

/* Consumes neither descriptor when it fails. */
static int add_subscriber(const struct zoned_call *call, uint64_t uniqid, int fd)
{
	struct subscriber *s = calloc(1, sizeof(*s));
	struct epoll_event ev = {.events = 0, .data.ptr = s}; /* EPOLLERR comes unasked */
	int r = 0;

	if (!s)
		return -ENOMEM;
	*s = (struct subscriber){.fd = fd,
		.uniqid = uniqid,
		.zoneid = call->zoneid,
		.uid = ucred_geteuid(call->cred),
		.root = zoned_call_is_global_root(call)};
	(void)pthread_mutex_lock(&subscribers_lock);
	if (!room_for_locked(s))
		r = -EMFILE;
	else if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &ev) < 0)
		r = -errno;
	if (r == 0) {
		s->next = subscribers;
		subscribers = s;
		zone_cred_hold(s->zoneid);
	}
	(void)pthread_mutex_unlock(&subscribers_lock);
	if (r < 0)
		free(s);
	return r;
}

int serve_events_subscribe(struct zoned_call *call)
{
	uint64_t uniqid;
	int fds[2], r;

	r = scope(call, &uniqid);
	if (r < 0)
		return r;
	if (pipe2(fds, O_CLOEXEC | O_NONBLOCK) < 0)
		return -errno;
	(void)fcntl(fds[1], F_SETPIPE_SZ, 4096); /* a byte says everything */
	r = add_subscriber(call, uniqid, fds[1]);
	if (r < 0) {
		(void)close(fds[0]);
		(void)close(fds[1]);
		return r == -EMFILE ? diag_set(&call->diag, r, "There are too many subscribers")
				    : r;
	}
	call->fds[call->nfds++] = fds[0];
	return 0;
}
