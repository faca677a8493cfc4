/* SPDX-License-Identifier: MIT */
/*
 * The ring of zone events, and the state of each zone that was told last: a file in the run
 * directory, mapped by zoned alone. What zoned writes there stays when it is killed, at
 * whatever instruction: a slot counts once the number behind it has moved, and the state of
 * a zone is set first, so that the worst that can be lost is the event of the very change
 * that was not made. event_ring_settle() and the status of the zones that were
 * found again make up for it.
 *
 *   header | slots[RING] | told[MAX_ZONES], by zone id
 *
 * The file is allocated as it is used, so that a full file system is an error and not a signal.
 *
 * Lock: ring_lock guards everything in the map. It is a leaf.
 */
#include "zoned/event.h"

#include "linux/instance.h"
#include "linux/log.h"

#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#define RING_FILE    INSTANCE_RUN "/events"
#define RING_MAGIC   0x5a657674u
#define RING_VERSION 2u
#define RING	     4096u

/* What subscribers were told of a zone; uniqid 0: nothing, or that it is free. */
struct told {
	uint64_t uniqid;
	uint32_t state;
	uint32_t pad;
	char zonename[ZONENAME_MAX];
};

struct ring {
	uint32_t magic, version;
	uint64_t next;	 /* number of the next event; its slot is next % RING */
	uint64_t oldest; /* never below 1, and next - RING */
	struct zone_event slots[RING];
	struct told told[MAX_ZONES];
};

static pthread_mutex_t ring_lock = PTHREAD_MUTEX_INITIALIZER;
static struct ring *ring; /* NULL: not open */
static int ring_fd = FD_NONE;

/* ---- opening ---- */

static bool valid(const struct ring *r)
{
	uint64_t i;

	if (r->magic != RING_MAGIC || r->version != RING_VERSION || r->oldest < 1 ||
		r->oldest > r->next || r->next - r->oldest > RING)
		return false;
	for (i = r->oldest; i < r->next; i++) {
		const struct zone_event *e = &r->slots[i % RING];

		if (e->seq != i || !str_terminated(e->zonename, sizeof(e->zonename)) ||
			!str_terminated(e->linkname, sizeof(e->linkname)) ||
			e->oldstate >= ZEV_STATE_COUNT || e->newstate >= ZEV_STATE_COUNT)
			return false;
	}
	for (i = 0; i < MAX_ZONES; i++)
		if (!str_terminated(r->told[i].zonename, ZONENAME_MAX) ||
			r->told[i].state >= ZEV_STATE_COUNT)
			return false;
	return true;
}

static int open_file(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct stat st;
	int r;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0 || fchmod(fd, 0600) < 0)
		goto fail;
	if ((!S_ISREG(st.st_mode) || st.st_size != sizeof(struct ring)) && ftruncate(fd, 0) < 0)
		goto fail;
	r = posix_fallocate(fd, 0, offsetof(struct ring, told));
	if (r) {
		errno = r;
		goto fail;
	}
	if (ftruncate(fd, sizeof(struct ring)) < 0)
		goto fail;
	return fd;
fail:
	r = -errno;
	(void)close(fd);
	return r;
}

/* Forgets everything. What is far behind the told states goes back to the file system. */
static void clear(void)
{
	ring->magic = 0;
	(void)fallocate(ring_fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		offsetof(struct ring, told), sizeof(ring->told));
	memset(ring->slots, 0, sizeof(ring->slots));
	ring->version = RING_VERSION;
	ring->next = ring->oldest = 1;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	ring->magic = RING_MAGIC;
}

int event_ring_open(struct diag *d)
{
	char path[PATH_MAX];
	void *map;
	int fd, r;

	r = instance_path(path, sizeof(path), RING_FILE);
	if (r < 0)
		return r;
	fd = open_file(path);
	if (fd < 0)
		return diag_errno(d, fd, "Cannot open %s", path);
	map = mmap(NULL, sizeof(struct ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (map == MAP_FAILED) {
		r = -errno;
		(void)close(fd);
		return diag_errno(d, r, "Cannot map %s", path);
	}
	ring = map;
	ring_fd = fd;
	if (!valid(ring))
		clear();
	return 0;
}

/* ---- posting ---- */

enum zone_event_state event_state(zone_status_t status)
{
	switch (status) {
	case ZONE_IS_INITIALIZED:
		return ZEV_INITIALIZED;
	case ZONE_IS_READY:
	case ZONE_IS_BOOTING:
		return ZEV_READY;
	case ZONE_IS_RUNNING:
		return ZEV_RUNNING;
	case ZONE_IS_SHUTTING_DOWN:
	case ZONE_IS_EMPTY:
	case ZONE_IS_DOWN:
	case ZONE_IS_DYING:
		return ZEV_SHUTTING_DOWN;
	case ZONE_IS_FREE:
		return ZEV_FREE;
	case ZONE_IS_UNINITIALIZED:
	case ZONE_IS_DEAD:
		break;
	}
	return ZEV_UNINITIALIZED;
}

static uint64_t now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void append_locked(const struct zone_event *e)
{
	struct zone_event *slot = &ring->slots[ring->next % RING];

	/* The slot's old event is forgotten before it is overwritten. */
	if (ring->next - ring->oldest == RING)
		__atomic_store_n(&ring->oldest, ring->oldest + 1, __ATOMIC_RELEASE);
	*slot = *e;
	slot->seq = ring->next;
	slot->when = now_ns();
	__atomic_store_n(&ring->next, ring->next + 1, __ATOMIC_RELEASE);
}

/* The place of a zone's told state, with room in the file; NULL when the file system is full. */
static struct told *told_of(zoneid_t id)
{
	off_t at = (off_t)(offsetof(struct ring, told) + (size_t)id * sizeof(struct told));

	if (id <= GLOBAL_ZONEID || id > MAX_ZONEID)
		return NULL;
	if (posix_fallocate(ring_fd, at, sizeof(struct told)) != 0)
		return NULL;
	return &ring->told[id];
}

/* Another zone of this id was the last: the new one starts from nothing. */
static void told_restart(struct told *t, const struct zone_event *who)
{
	t->uniqid = 0;
	t->state = ZEV_UNINITIALIZED;
	(void)str_copy(t->zonename, sizeof(t->zonename), who->zonename);
	t->uniqid = who->uniqid;
}

void event_post_status(const struct zone_event *who, zone_status_t status)
{
	struct zone_event e = *who;
	struct told *t;
	bool posted = false;

	(void)pthread_mutex_lock(&ring_lock);
	t = ring ? told_of(who->zoneid) : NULL;
	if (t && t->uniqid != who->uniqid)
		told_restart(t, who);
	if (t && t->state != event_state(status)) {
		e.event_class = ZEV_STATUS;
		e.oldstate = t->state;
		e.newstate = event_state(status);
		append_locked(&e);
		t->state = e.newstate;
		if (e.newstate == ZEV_FREE)
			t->uniqid = 0;
		posted = true;
	}
	(void)pthread_mutex_unlock(&ring_lock);
	if (posted)
		events_wake();
}

/* What is news whatever was told before. */
static void post(const struct zone_event *e)
{
	(void)pthread_mutex_lock(&ring_lock);
	if (ring)
		append_locked(e);
	(void)pthread_mutex_unlock(&ring_lock);
	events_wake();
}

void event_post_init(const struct zone_event *who, uint32_t restarts)
{
	struct zone_event e = *who;

	e.event_class = ZEV_INIT;
	e.restarts = restarts;
	post(&e);
}

void event_post_link(datalink_id_t linkid, const char *linkname, bool reconfigured)
{
	struct zone_event e = {.event_class = ZEV_LINK,
		.zonename = GLOBAL_ZONENAME,
		.linkid = linkid,
		.reconfigured = reconfigured};

	(void)str_copy(e.linkname, sizeof(e.linkname), linkname);
	post(&e);
}

void event_post_disk(const char *zonename, uint32_t oldstate, uint32_t newstate)
{
	struct zone_event e = {.event_class = ZEV_STATUS,
		.zoneid = ALL_ZONES,
		.oldstate = oldstate,
		.newstate = newstate};

	(void)str_copy(e.zonename, sizeof(e.zonename), zonename);
	post(&e);
}

void event_ring_settle(bool (*alive)(zoneid_t id, uint64_t uniqid))
{
	zoneid_t id;

	for (id = 1; ring && id <= MAX_ZONEID; id++) {
		const struct told *t = &ring->told[id];
		struct zone_event who = {.zoneid = id, .uniqid = t->uniqid};

		if (!t->uniqid || alive(id, t->uniqid))
			continue;
		(void)str_copy(who.zonename, sizeof(who.zonename), t->zonename);
		event_post_status(&who, ZONE_IS_FREE);
	}
}

/* ---- reading ---- */

static struct zone_event *add(struct zone_events_read_reply *reply, const struct zone_event *e)
{
	reply->events[reply->count] = *e;
	return &reply->events[reply->count++];
}

/* The first number to look at. Where numbers are missing before it the reply starts with a gap. */
static uint64_t start_locked(uint64_t after, uint32_t max, struct zone_events_read_reply *reply)
{
	struct zone_event gap = {.event_class = ZEV_GAP, .when = now_ns(), .zoneid = ALL_ZONES};

	if (after + 1 >= ring->oldest && after < ring->next)
		return after + 1;
	/* A number from the future is one of a ring that is gone. */
	gap.first = after < ring->next ? after + 1 : 0;
	gap.seq = ring->oldest - 1;
	if (max && (gap.first == 0 || gap.seq >= gap.first))
		(void)add(reply, &gap);
	return ring->oldest;
}

void event_ring_read(
	uint64_t after, uint32_t max, uint64_t uniqid, struct zone_events_read_reply *reply)
{
	uint64_t i;

	reply->count = 0;
	reply->more = 0;
	(void)pthread_mutex_lock(&ring_lock);
	if (max == 0) {
		reply->position = ring->next - 1;
	} else {
		for (i = start_locked(after, max, reply); i < ring->next; i++) {
			const struct zone_event *e = &ring->slots[i % RING];

			if (uniqid && e->uniqid != uniqid)
				continue;
			if (reply->count == max)
				break;
			(void)add(reply, e);
		}
		reply->position = i - 1;
		reply->more = i < ring->next;
	}
	(void)pthread_mutex_unlock(&ring_lock);
}
