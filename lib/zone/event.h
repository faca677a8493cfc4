/* SPDX-License-Identifier: MIT */
/*
 * Events of zones, as a subscriber sees them: a stream that goes on when zoned is
 * replaced, from the number it was at. Events are told once and in order; those that the
 * ring has forgotten meanwhile are one record of the class ZEV_GAP.
 */
#pragma once

#include <poll.h>

#include "linux/util.h"
#include "zone/zone-door.h"

struct zone_events {
	int wake; /* of SUBSCRIBE; FD_NONE when zoned has gone */
	uint64_t position;
	struct zone_events_read_reply *batch; /* the last reply, used up to at */
	uint32_t at;
	bool look; /* there may be more than the batch */
};

#define ZONE_EVENTS_NOW UINT64_MAX

/*
 * Starts a stream behind the event of number after (0: whatever is still known), or with
 * what happens from now on. Returns 0 or a negative errno, -EBADF when zoned does not run.
 */
int zone_events_open(struct zone_events *s, uint64_t after);
void zone_events_close(struct zone_events *s);

/*
 * The next event: 1, or 0 when there is none yet, or a negative errno. -EBADF: zoned does not
 * run; call again later and the stream goes on. Does not wait.
 */
int zone_events_next(struct zone_events *s, struct zone_event *ret);

/*
 * Waits until zone_events_next() is worth calling, at most timeout_ms (-1: for ever), or
 * until something is with also (NULL: nothing), as poll(2) has it. 0, or -EINTR.
 */
int zone_events_wait(const struct zone_events *s, struct pollfd *also, int timeout_ms);

/* "running", "shutting_down"...; "" for no zone, NULL for no state. */
const char *zone_event_state_name(uint32_t state);
