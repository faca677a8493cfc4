/* SPDX-License-Identifier: MIT */
/*
 * Counting what a server does, for doorstat(8). A call costs two relaxed additions, and sometimes
 * two looks at the clock: for each call when the last measured one took 5 microseconds or longer,
 * else every 16th, which then stands for 16.
 */
#pragma once

#include "door/handle.h"
#include "door/stat-page.h"

#include <time.h>

#define STAT_SLOW_NS 5000u
#define STAT_SAMPLE  16u

/* What is remembered of a call in progress. */
struct stat_call {
	struct stat_door *door; /* NULL: not begun, or ended */
	uint64_t since;
	uint32_t weight; /* how many calls its time stands for; 0: not timed */
	bool answered;
};

/*
 * A place for a door, never NULL: without memory or a descriptor, or when all are taken, it
 * is counted where nobody sees it. Wants doors_lock, like the next one.
 */
struct stat_door *stat_door_new(const struct handle_name *name);
void stat_door_free(struct stat_door *d);

/*
 * The door has a name now: that of the file it is over, or dir/name when file is FD_NONE.
 * Takes doors_lock.
 */
void stat_door_attached(door_id_t id, int file, int dir, const char *name);

/* Threads of the shared pool (d NULL) or of the private one of a door. Wants no lock. */
void stat_threads(struct stat_door *d, unsigned int n);

/* In the child of fork: what the parent shows is not touched any more. */
void stat_forget(void);

static inline uint64_t stat_now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* A call is about to reach the procedure. No lock, like the next ones. */
static inline void stat_begin(struct stat_call *c, struct stat_door *d)
{
	uint64_t n = atomic_fetch_add_explicit(&d->calls, 1, memory_order_relaxed);
	bool slow = atomic_load_explicit(&d->last_ns, memory_order_relaxed) >= STAT_SLOW_NS;

	c->door = d;
	c->answered = false;
	c->weight = slow ? 1 : n % STAT_SAMPLE == 0 ? STAT_SAMPLE : 0;
	if (c->weight)
		c->since = stat_now_ns();
}

void stat_time(const struct stat_call *c);

/* It has been answered. */
static inline void stat_answered(struct stat_call *c)
{
	c->answered = true;
	if (c->door && c->weight)
		stat_time(c);
}

/* It is over, answered or not. */
static inline void stat_end(struct stat_call *c)
{
	if (!c->door)
		return;
	if (!c->answered)
		atomic_fetch_add_explicit(&c->door->unanswered, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&c->door->ended, 1, memory_order_relaxed);
	c->door = NULL;
}

static inline void stat_refused(struct stat_door *d)
{
	atomic_fetch_add_explicit(&d->refused, 1, memory_order_relaxed);
}
