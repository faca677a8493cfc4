/* SPDX-License-Identifier: MIT */
/*
 * The status machine of zones. Status only ever grows:
 *
 *   UNINITIALIZED  in the table so that its name is taken          zone_table_add()
 *   INITIALIZED    zsched runs, attributes can be read             zone_bring_up()
 *   READY          visible; can be given links, booted, destroyed  zone_bring_up()
 *   BOOTING        init is being started                           zone_boot()
 *   RUNNING        init was executed                               zone_boot()
 *                  (not while the global zone is going down: then SHUTTING_DOWN)
 *   SHUTTING_DOWN  init ended, or shutdown was called              zone_init_ended(), zone_shutdown()
 *   EMPTY          no process of the zone is left                  zone_shutdown()
 *   DOWN           links are home, zoned's work for it is done     zone_shutdown()
 *   DYING          destroy was called; invisible                   zone_destroy()
 *   DEAD           zsched and the control groups are gone          zone_destroy()
 *   FREE           the last reference is gone                      zone_table_remove()
 *
 * Who waits for a zone in a call looks from time to time whether its caller is still there. When
 * that one was interrupted or died the call ends with EINTR, wherever the zone is then: what has
 * been begun can be called again.
 *
 * Lock: zone_status_lock, one for all zones, guards every status; zone_status_cv
 * is signalled at each change. Events are posted under it, so that they come in the order of
 * the changes.
 */
#include "zoned/event.h"
#include "zoned/zone-impl.h"

#include "linux/clock.h"
#include "linux/log.h"

#include <assert.h>
#include <door_linux.h>
#include <time.h>

static pthread_mutex_t zone_status_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t zone_status_cv;

static bool global_goes_down; /* zone_status_lock */

static const char *const status_names[] = {
	[ZONE_IS_UNINITIALIZED] = "uninitialized",
	[ZONE_IS_INITIALIZED] = "initialized",
	[ZONE_IS_READY] = "ready",
	[ZONE_IS_BOOTING] = "booting",
	[ZONE_IS_RUNNING] = "running",
	[ZONE_IS_SHUTTING_DOWN] = "shutting down",
	[ZONE_IS_EMPTY] = "empty",
	[ZONE_IS_DOWN] = "down",
	[ZONE_IS_DYING] = "dying",
	[ZONE_IS_DEAD] = "dead",
	[ZONE_IS_FREE] = "free",
};

const char *zone_status_name(zone_status_t status)
{
	return status_names[status];
}

/* Waits are measured on the clock that nobody sets. */
void zone_status_init(void)
{
	pthread_condattr_t attr;

	(void)pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&zone_status_cv, &attr);
	(void)pthread_condattr_destroy(&attr);
}

zone_status_t zone_status_get(struct zone *z)
{
	zone_status_t status;

	(void)pthread_mutex_lock(&zone_status_lock);
	status = z->status;
	(void)pthread_mutex_unlock(&zone_status_lock);
	return status;
}

void zone_event_who(const struct zone *z, struct zone_event *ret)
{
	*ret = (struct zone_event){.zoneid = z->id, .uniqid = z->uniqid};
	(void)str_copy(ret->zonename, sizeof(ret->zonename), z->name);
}

static void post_locked(const struct zone *z, zone_status_t status)
{
	struct zone_event who;

	zone_event_who(z, &who);
	who.scratch = (z->flags & ZF_SCRATCH) != 0;
	event_post_status(&who, status);
}

void zone_status_tell(struct zone *z)
{
	(void)pthread_mutex_lock(&zone_status_lock);
	post_locked(z, z->status);
	(void)pthread_mutex_unlock(&zone_status_lock);
}

static void status_set_locked(struct zone *z, zone_status_t to)
{
	assert(to > z->status);
	if (z->id == GLOBAL_ZONEID)
		global_goes_down = true;
	post_locked(z, to);
	z->status = to;
	(void)pthread_cond_broadcast(&zone_status_cv);
}

bool zone_status_advance(struct zone *z, zone_status_t to)
{
	bool moved;

	(void)pthread_mutex_lock(&zone_status_lock);
	moved = z->status < to;
	if (moved)
		status_set_locked(z, to);
	(void)pthread_mutex_unlock(&zone_status_lock);
	if (moved)
		log_debug("status", "zone=%s Is %s", z->name, status_names[to]);
	return moved;
}

bool zone_status_move(struct zone *z, zone_status_t from, zone_status_t to)
{
	bool moved;

	(void)pthread_mutex_lock(&zone_status_lock);
	moved = z->status == from;
	if (moved)
		status_set_locked(z, to);
	(void)pthread_mutex_unlock(&zone_status_lock);
	if (moved)
		log_debug("status", "zone=%s Is %s", z->name, status_names[to]);
	return moved;
}

bool zone_status_run(struct zone *z)
{
	zone_status_t to = ZONE_IS_RUNNING;
	bool moved;

	(void)pthread_mutex_lock(&zone_status_lock);
	if (global_goes_down)
		to = ZONE_IS_SHUTTING_DOWN;
	moved = z->status == ZONE_IS_BOOTING;
	if (moved)
		status_set_locked(z, to);
	(void)pthread_mutex_unlock(&zone_status_lock);
	if (moved)
		log_debug("status", "zone=%s Is %s", z->name, status_names[to]);
	return moved && to == ZONE_IS_RUNNING;
}

bool zone_status_global_down(void)
{
	bool down;

	(void)pthread_mutex_lock(&zone_status_lock);
	down = global_goes_down;
	(void)pthread_mutex_unlock(&zone_status_lock);
	return down;
}

bool zone_status_wait(struct zone *z, zone_status_t status, int timeout_ms)
{
	struct timespec end = clock_in_ms(timeout_ms);
	bool reached;
	int r = 0;

	(void)pthread_mutex_lock(&zone_status_lock);
	while (z->status < status && r == 0)
		r = pthread_cond_timedwait(&zone_status_cv, &zone_status_lock, &end);
	reached = z->status >= status;
	(void)pthread_mutex_unlock(&zone_status_lock);
	return reached;
}

int zone_status_wait_sig(struct zone *z, zone_status_t status, int timeout_ms)
{
	for (; timeout_ms > 0; timeout_ms -= ZONE_LOOK_MS) {
		if (zone_status_wait(z, status, ZONE_LOOK_MS))
			return 0;
		if (zone_caller_gone())
			return -EINTR;
	}
	return -ETIMEDOUT;
}

bool zone_caller_gone(void)
{
	return door_client_gone() == 1;
}

int zone_life_lock_sig(struct zone *z)
{
	struct timespec end;

	do {
		end = clock_in_ms(ZONE_LOOK_MS);
		if (pthread_mutex_clocklock(&z->life_lock, CLOCK_MONOTONIC, &end) == 0)
			return 0;
	} while (!zone_caller_gone());
	return -EINTR;
}
