/* SPDX-License-Identifier: MIT */
/*
 * Counters of a link that live longer than its device. A zone gets a new device of a vnic, whose
 * counters start at 0, and the one at home goes on where it was: what the link counts is
 * base + the counters of its device, and base changes when the device does.
 */
#pragma once

#include "zone/stat-door.h"

#include <stdbool.h>

struct devnet;
struct dls_view;

/* Of one link; dd_mutex. */
struct dls_count {
	bool loaded; /* from the file of an earlier zoned, if there was one */
	uint64_t netns;
	int ifindex;			   /* the device base is for, with netns; 0: none yet */
	uint64_t base[DLD_STAT_OF_DEVICE]; /* modulo 2^64 */
	uint64_t last[DLD_STAT_OF_DEVICE]; /* what was told: nothing less is told after it */
};

/*
 * All of LINKSTATS but the head: what the link counts. Without the perimeter; the device's part may be
 * missing while it moves.
 */
void dls_stat_reply(struct dls_view *v, struct devnet *dd, struct dld_linkstats_reply *ret);

/*
 * The device of the link is about to change, or to go; and it has. In the perimeter. Between the two
 * and after a zoned that was killed there, what is counted stands still.
 */
void dls_stat_leave(struct devnet *dd);
void dls_stat_settle(struct devnet *dd);

/* The link goes, or is a new one under a number that was used before. */
void dls_stat_forget(datalink_id_t id);

/* Takes away what a zoned that was killed had half written. Before any link counts. */
void dls_stat_restart(void);
