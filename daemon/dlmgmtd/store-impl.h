/* SPDX-License-Identifier: MIT */
/* What the files of the store share. */
#pragma once

#include "dlmgmtd/store-db.h"

#include <stdatomic.h>

struct store_state {
	struct database databases[STORE_COUNT];
	/* The table is ahead of this store, whose next change writes all of it. */
	atomic_bool stale[STORE_COUNT];
	atomic_bool read_only; /* the persistent store cannot be opened for writing yet */
	bool from_active;      /* what is configured is to be loaded from the active store */
	char boot[64];	       /* the host's, of now */
	char origin[64];       /* of the persistent store: where its serial numbers were given */
	int64_t serial;	       /* of its last change */
};

extern struct store_state store_state;

/* Opens the persistent store when it can be written by now. */
int store_reopen(void);

/* ---- store-zone.c ---- */

/* The zone's database; NULL when it has none, or an error of making one. */
struct database *store_zone_database(zoneid_t zone);
int store_zone_make(zoneid_t zone);

void store_zones_close(void);

/* Commits what any of them has in its transaction, *ret_any tells whether one had. */
int store_zones_commit(bool *ret_any);
void store_zones_rollback(void);
/* Calls fn for each zone that has a database. */
int store_zones_each(int (*fn)(zoneid_t zone, struct database *db));

/* ---- store-load.c ---- */

int store_load_from(struct database *db, zoneid_t owner, store_link_fn *fn);
