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
