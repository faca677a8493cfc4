/* SPDX-License-Identifier: MIT */
/* Finding a zone's zoneadmd, and starting one: for zoneadm and zlogin. */
#pragma once

#include "linux/diag.h"
#include "zone/zoneadmd-door.h"

/* A live door of the zone's daemon, -ENOENT when there is none, or another negative errno. */
int zoneadmd_open(const char *zone);

/*
 * Starts the daemon and waits until one serves. 0; -ECHILD when it could not, after it said why on
 * our standard error; or another negative errno. Two at once start one daemon. It is our child, in a session
 * of its own; if it ends before us, the next call is what reaps it.
 */
int zoneadmd_start(const char *zone);

/* What a daemon that starts writes to the descriptor of its option -r; its end without it: the daemon died. */
struct zoneadmd_outcome {
	int32_t r; /* 0: it serves; above: another one does, and it ends; negative errno: it ends */
	struct diag diag; /* a warning or what is wrong, may be empty */
};

/* Waits for the outcome, and says on standard error what it has to say. Returns r, or -ECHILD when there is none. */
int zoneadmd_outcome_read(const char *zone, int fd);
