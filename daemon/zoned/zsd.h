/* SPDX-License-Identifier: MIT */
/*
 * Zone-specific data: what a subsystem of zoned (netns, links, stack, dev, ipc, rctl, kstat, events) keeps for each zone, and
 * when it is made and taken away. A key may come and go at any time, while zones do.
 * Linux: the global zone has none; what it has is the host's.
 */
#pragma once

#include "linux/diag.h"

#include <stdint.h>

struct zone;
struct zsd_entry;

typedef unsigned int zone_key_t; /* 0 is none; a number never comes again */

/*
 * No lock is held over any of these, and at most one of them runs for one key and zone. With one
 * key they come in this order; of several keys the older is created first, and goes last.
 */
struct zsd_callbacks {
	const char *name;
	/* Before READY. Linux: it can fail, and then so does the creation of the zone. May be NULL. */
	int (*create)(struct zone *z, void **ret_data, struct diag *d);
	/*
	 * When the zone is EMPTY, or the key goes. Linux: it can fail; then so does the shutdown
	 * of the zone, and the next one calls it again. May be NULL.
	 */
	int (*shutdown)(struct zone *z, void *data, struct diag *d);
	/* When it is DEAD, or the key goes; zsd_get() finds nothing any more. May be NULL. */
	void (*destroy)(struct zone *z, void *data);
};

/*
 * A new key, of which every zone that exists has data when this returns. When one create callback
 * fails there is no key, and what was made is destroyed again. Blocks as long as the callbacks.
 */
int zsd_key_create(const struct zsd_callbacks *callbacks, zone_key_t *ret_key);

/*
 * The data of every zone are shut down and destroyed when this returns, by it or by a zone that
 * goes; no callback runs afterwards. -EINVAL: there is no such key. What shutdown callbacks fail with is lost.
 */
int zsd_key_delete(zone_key_t key);

/* NULL when nothing is stored. Takes zone_lock. */
void *zsd_get(struct zone *z, zone_key_t key);
/* Stores other data; -EINVAL when the zone has no such key. Takes zone_lock. */
int zsd_set(struct zone *z, zone_key_t key, void *data);

/* Every key there is needs to be created in a new zone, from now on also those that come. -ENOMEM. */
int zsd_configure(struct zone *z);

/* Runs the create callbacks that are needed, until one fails. What those made that ran is left for zsd_destroy_all(). */
int zsd_create_all(struct zone *z, struct diag *d);
/* Until all have been shut down once; the first failure ends it. The zone gets no new keys from now on. */
int zsd_shutdown_all(struct zone *z, struct diag *d);
void zsd_destroy_all(struct zone *z);
/* The zone is of nobody any more. */
void zsd_free(struct zone *z);
