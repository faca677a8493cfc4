/* SPDX-License-Identifier: MIT */
/*
 * Events of zones inside zoned: a ring in a file, which outlives zoned, and the subscribers,
 * who do not. Posting never waits: the ring is memory, and waking subscribers is
 * another thread's work.
 */
#pragma once

#include "zoned/zoned.h"

/* ---- event-ring.c ---- */

/*
 * Maps <run>/events, made when it is not there or not one of ours. Before the first zone
 * is in the table; until then posting does nothing (unit tests). Once.
 */
int event_ring_open(struct diag *d);

/* What a status is called in events. */
enum zone_event_state event_state(zone_status_t status);

/*
 * The zone is about to have this status. Nothing is told when that has the name of the status
 * that was told last. Leaf: may be called under any lock.
 */
void event_post_status(const struct zone_event *who, zone_status_t status);

/* init of the zone was started again. Leaf. */
void event_post_init(const struct zone_event *who, uint32_t restarts);

/* A NIC was found, a new one or one whose link is known already. Leaf. */
void event_post_link(datalink_id_t linkid, const char *linkname, bool reconfigured);

/* The index of zones says something else of a zone. Leaf. */
void event_post_disk(const char *zonename, uint32_t oldstate, uint32_t newstate);

/*
 * Copies the events behind number after into reply, at most max and those of uniqid only (0: all),
 * a gap first where there is one. Fills position, count and more.
 */
void event_ring_read(
	uint64_t after, uint32_t max, uint64_t uniqid, struct zone_events_read_reply *reply);

/*
 * Calls alive() for every zone that the ring believes to live; one that is not there any more
 * is told as free. Once, after the zones were found again.
 */
void event_ring_settle(bool (*alive)(zoneid_t id, uint64_t uniqid));

/* ---- event.c ---- */

/* Starts the thread that wakes subscribers. After event_ring_open(). */
int events_start(void);
/* The ring has something new. Never waits. */
void events_wake(void);

/* ---- event-disk.c ---- */

/* Tells what changed on disk since a zoned looked last, and goes on watching. After events_start(). */
void events_disk_start(void);

int serve_events_read(struct zoned_call *call);
int serve_events_subscribe(struct zoned_call *call);
