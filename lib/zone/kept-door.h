/* SPDX-License-Identifier: MIT */
/*
 * A daemon's door that a process keeps open: opened at the first call, shared by
 * all threads, opened again once when the daemon was replaced. The clients of
 * zoned and of dlmgmtd are made of this.
 */
#pragma once

#include <pthread.h>

#include "zone/exchange.h"

struct kept_door {
	const char *path;	  /* below the root prefix */
	const char *path_in_zone; /* where the former does not exist */
	/*
	 * Callers read the descriptor under the lock and keep it over the call, which may
	 * be long. It is written only when the daemon is gone, and then every call
	 * in progress fails at once.
	 */
	pthread_rwlock_t lock;
	int fd;
	uint64_t id;	     /* which door it is, as long as it is open */
	unsigned int number; /* counts the openings */
};

#define KEPT_DOOR_INIT(outside, inside)                                                            \
	{                                                                                          \
		.path = (outside), .path_in_zone = (inside), .fd = FD_NONE,                        \
		.lock = PTHREAD_RWLOCK_INITIALIZER                                                 \
	}

/*
 * Calls the door. Returns what exchange() returns, or why the door cannot be opened; -EBADF
 * when nobody serves it, whichever way that shows. Blocks until the daemon answers.
 */
int kept_door_call(struct kept_door *k, struct exchange *x);

/* Opens the door if it is not open. Returns 0 or a negative errno as above. */
int kept_door_open(struct kept_door *k);

void kept_door_close(struct kept_door *k);
