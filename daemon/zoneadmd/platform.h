/* SPDX-License-Identifier: MIT */
/*
 * The virtual platform of the zone: everything outside it that it stands on. It
 * is brought up and taken down in stages; each stage knows how to make its part,
 * how to undo it from any half state, and how to tell whether it is there.
 */
#pragma once

#include "zone/zone-calls.h"
#include "zoneadmd/report.h"
#include "zoneadmd/zonepath.h"
#include "zonecfg/snapshot.h"
#include "zonecfg/status.h"

#define NO_ZONE (-1)

/* One command's view of the platform. Nothing of it is kept between commands. */
struct platform {
	const char *zone; /* name */
	struct report *report;
	zoneid_t id; /* of the live zone, NO_ZONE when there is none */
	struct zonepath path;
	struct zone_snapshot snap;
	bool have_snap;
	bool scratch;	      /* to be mounted for repair, not booted: scratch.c */
	bool debug;	      /* hooks are told so */
	const char *bootargs; /* of the command; "" takes the configured ones */
};

/*
 * up makes the stage's part, down undoes it; down is called for stages that were never up,
 * and twice, and succeeds when there is nothing left to undo. probe: is the part
 * there? NULL: cannot be told, the others decide. All return 0 or a negative errno with
 * a line in d, and block on the daemons they call.
 */
struct stage {
	const char *name;
	int (*up)(struct platform *p, struct diag *d);
	int (*down)(struct platform *p, struct diag *d);
	bool (*probe)(struct platform *p);
	bool not_scratch; /* a zone that is mounted for repair goes without */
};

void platform_init(struct platform *p, const char *zone, zoneid_t id, struct report *report);
void platform_fini(struct platform *p);

/*
 * Installed to ready, ready to running. A failure has been reported and undone up to where
 * the function started; the caller still takes the zone down after a failed boot.
 * state is what hooks are told. 0 or a negative errno.
 */
int platform_ready(struct platform *p, enum zone_state state);
int platform_boot(struct platform *p, enum zone_state state);

/*
 * Installed to mounted: p->scratch is set. A failure has been reported and undone.
 */
int platform_mount(struct platform *p, enum zone_state state);

/*
 * Anything to installed; can be repeated. Goes as far as it gets: 0 when nothing is
 * left, else the first error, reported.
 */
int platform_halt(struct platform *p, enum zone_state state);

/* Reads the snapshot into p->snap if that has not been done. 0 or a negative errno. */
int snapshot_load(struct platform *p, struct diag *d);

/*
 * Something of a bring-up is left: the snapshot, which goes last. A zone that is not live has it
 * when its zsched died or a halt was cut short.
 */
bool platform_remains(const struct platform *p);

/* A ready zone whose bring-up was cut short is not complete. */
bool platform_complete(struct platform *p);
