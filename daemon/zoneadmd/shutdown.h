/* SPDX-License-Identifier: MIT */
/* An orderly end of the zone by its own means; see shutdown.c. */
#pragma once

#include "zoneadmd/platform.h"
#include "zoneadmd/state.h"

struct shutdown {
	const char *zone;
	uint64_t uniqid; /* the life of the zone that is to end */
	unsigned int seconds;
	int64_t deadline; /* clock_now_ms() */
	int64_t failed;	  /* when the command was found to have failed, 0 */
};

/* Where a shutdown stands. */
enum {
	SHUTDOWN_DONE = 0,
	SHUTDOWN_WAIT = 1,
};

/*
 * Starts the clock. Reads the snapshot for the command and the time that it may
 * take. 0 or a negative errno, reported.
 */
int shutdown_begin(struct shutdown *s, struct platform *p, uint64_t uniqid);
/*
 * Runs the brand's shutdown command in the zone, reporting what it says. Blocks until it ends or
 * its time is over: call it without locks. p must not be used by anybody else meanwhile.
 */
void shutdown_ask(struct shutdown *s, struct platform *p);
/* SHUTDOWN_DONE, SHUTDOWN_WAIT (look again soon), or a negative errno, reported. */
int shutdown_check(struct shutdown *s, struct report *report);
