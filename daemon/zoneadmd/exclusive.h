/* SPDX-License-Identifier: MIT */
/* One zoneadmd for each zone; see exclusive.c. */
#pragma once

#include "linux/diag.h"

enum {
	EXCLUSIVE_SERVED = 1, /* another zoneadmd is there and answers */
};

struct exclusive {
	int fd;	    /* keep it open for life */
	bool stale; /* a door was left behind by a zoneadmd that died */
};

/*
 * Becomes the only zoneadmd of the zone, and keeps others waiting who start now. Waits for
 * one that is on its way out, ten seconds at most. 0, EXCLUSIVE_SERVED, or a negative
 * errno with a line in d.
 */
int exclusive_take(const char *zone, struct exclusive *ret, struct diag *d);

/* The door is attached (or never will be): those who wait may look. */
void exclusive_ready(struct exclusive *e);
