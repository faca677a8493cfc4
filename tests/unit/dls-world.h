/* SPDX-License-Identifier: MIT */
/*
 * Surroundings for tests of zoned's dls half: the kernel is the real one, in
 * network namespaces of the test; the zone half and dlmgmtd are the few lines
 * in dls-world.c, with switches to make them fail.
 */
#pragma once

#include "zoned/mac.h"

#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define WORLD_ZONE 3 /* the zone that exists */

struct world_state {
	int home; /* network namespaces */
	int zone;
	atomic_bool zone_lives; /* zone_netns_fd() finds it */
	atomic_bool dlmgmtd_lives;
	atomic_int setzoneid_err;     /* what SETZONEID answers, 0 = works */
	int remap_err;		      /* what REMAP answers when it has done it */
	datalink_id_t deleted;	      /* behind the next look at it somebody ends its id */
	atomic_int owner[16];	      /* of a link, as its zone's list says */
	atomic_bool active[16];	      /* at dlmgmtd */
	char address[64], router[64]; /* of link 2 in WORLD_ZONE */
	char dir[64];
};
extern struct world_state *world_now; /* shared with the processes of world_run() */
#define world (*world_now)

/* A link that dlmgmtd knows: id below 16. */
void world_link(datalink_id_t id, const char *name, uint32_t class, uint32_t flags);

/* In the processes of world_run() cmocka's own failures would end up in the parent's test. */
#define CHECK(x)                                                                                   \
	do {                                                                                       \
		if (!(x)) {                                                                        \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x);                    \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

/* Whether it becomes true: by the watcher's thread, on a machine that has much else to do. */
#define EVENTUALLY(x)                                                                              \
	({                                                                                         \
		int tries_left = 3000;                                                             \
		while (!(x) && --tries_left)                                                       \
			(void)usleep(20 * 1000);                                                   \
		tries_left > 0;                                                                    \
	})

/* New namespaces, an empty ZONES_ROOT; dls_init() is left to the test. */
int world_make(void **state);
int world_end(void **state);

/* Runs one test function in a process of its own: the dls half cannot be ended. 0 or a wait status. */
int world_run(void (*test)(void));
/* The same, killed after so many microseconds. */
int world_run_killed(void (*test)(void), unsigned int us);

/* A network namespace of its own. */
int world_netns(void);

/* As dls_devnet_setzid(), of a link that may be gone: -ENOENT. */
int world_setzone(datalink_id_t id, zoneid_t zone, struct diag *d);

/* Ends the process when a device at home or in the zone is no link's. */
void world_check_known(void);

/* Devices at home and in the zone, but for those that the kernel makes by itself. */
int world_devices(void);
