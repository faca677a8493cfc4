/* SPDX-License-Identifier: MIT */
/*
 * Zone-specific data: what a subsystem of zoned keeps for each zone, and
 * when it is made and taken away. Keys are registered once, at start, before any
 * zone but the global one exists.
 */
#pragma once

#include "linux/diag.h"

struct zone;

#define ZSD_KEYS_MAX 8

/* State of one key in one zone (zsd_key_lock) */
#define ZSD_CREATE_NEEDED	0x01u
#define ZSD_CREATE_INPROGRESS	0x02u
#define ZSD_CREATE_COMPLETED	0x04u
#define ZSD_SHUTDOWN_INPROGRESS 0x08u
#define ZSD_DESTROY_INPROGRESS	0x10u
#define ZSD_DESTROY_COMPLETED	0x20u

/* No lock is held over any of these. */
struct zsd_callbacks {
	const char *name;
	/* Before READY. Linux: it can fail, and then so does the creation of the zone. */
	int (*create)(struct zone *z, void **ret_data, struct diag *d);
	/* When the zone is EMPTY, perhaps more than once; may be NULL. */
	void (*shutdown)(struct zone *z, void *data);
	/* When it is DEAD. */
	void (*destroy)(struct zone *z, void *data);
};

/* -ENOSPC when there are ZSD_KEYS_MAX already. */
int zsd_key_create(const struct zsd_callbacks *callbacks, unsigned int *ret_key);

/* NULL when nothing is stored. Takes zone_lock. */
void *zsd_get(struct zone *z, unsigned int key);

/* All keys need to be created in a new zone. */
void zsd_configure(struct zone *z);

/* Runs the create callbacks that are needed. When one fails those that ran are destroyed again. */
int zsd_create_all(struct zone *z, struct diag *d);
void zsd_shutdown_all(struct zone *z);
void zsd_destroy_all(struct zone *z);
