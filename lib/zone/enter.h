/* SPDX-License-Identifier: MIT */
/*
 * The way into a zone, in steps; zone_enter() of <zone.h> is all of them.
 *
 * Linux: a process cannot change its own pid namespace, so it is a child that enters: born in the
 * zone's cgroup and pid namespace, it takes on the other namespaces and the identity, is confined, and
 * then runs code of the zone. What needs the step between (a terminal of the zone) goes them by itself.
 *
 * All return 0 or a negative errno with a line in the diag. In the child no memory is
 * allocated, so that these are safe after a clone of a process with threads.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zone-door.h"

/* What zoned gave us of a zone. */
struct zone_way {
	struct zone_enter_reply reply;
	int fds[ZONE_ENTER_COUNT];
};

/* Asks zoned; blocks for it. -EINVAL: no such zone, or not READY to RUNNING; -ESRCH: no init; -EPERM. */
int zone_way_open(zoneid_t id, struct zone_way *ret, struct diag *d);
void zone_way_close(struct zone_way *w);
/* One that is not open yet, for a caller who may close it. */
void zone_way_init(struct zone_way *w);

/*
 * Makes the child, which calls run(arg); that must not return. ret_pidfd: a descriptor of the
 * child, close-on-exec. ret_pid is as the caller's pid namespace sees it. The caller has one thread.
 * Its own way is closed then: who stays outside holds nothing of the zone.
 */
int zone_way_spawn(
	struct zone_way *w, void (*run)(void *arg), void *arg, pid_t *ret_pid, int *ret_pidfd);

/*
 * In the child: enters everything and becomes root of the zone in its directory /, a session of
 * its own, not confined yet. The descriptors of the way are closed, no others.
 */
int zone_way_take(const struct zone_way *w, struct diag *d);

/* In the child, last: signals are as a program expects them, capabilities and system calls those of the zone. */
int zone_way_confine(const struct zone_way *w, struct diag *d);

#define ZONE_WAY_KEEP 64

/* The descriptors that go along, in order. */
struct zone_way_keep {
	int fds[ZONE_WAY_KEEP];
	unsigned int count;
};

/*
 * Every descriptor that is not close-on-exec: each is one that does not lead out of the zone (a
 * pipe without a name, /dev/null and its like, an event, timer or signal descriptor, a socket of
 * the zone's network namespace), or -EBADF with what it is. -EMFILE: too many.
 */
int zone_way_check_fds(const struct zone_way *w, struct zone_way_keep *ret, struct diag *d);

/*
 * Memory of the caller: a shared mapping that can be written to is one of nothing that has a name
 * outside, or -EFAULT with which one it is.
 */
int zone_way_check_memory(const struct zone_way *w, struct diag *d);
