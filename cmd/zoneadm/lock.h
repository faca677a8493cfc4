/* SPDX-License-Identifier: MIT */
/*
 * The advisory lock of a zone, <prefix>/run/zones/NAME.zoneadm.lock: one zoneadm
 * at a time installs, uninstalls, or starts the daemon of a zone.
 *
 * Programs that zoneadm starts (brand hooks, zoneadmd) inherit the lock through
 * the environment variable ZONEADM_LOCK_HELD, which names the zone: a hook may
 * call zoneadm for the same zone without a deadlock.
 */
#pragma once

#include "linux/util.h"

#define LOCK_ENVIRONMENT "ZONEADM_LOCK_HELD"

/*
 * Takes the lock; waits for another zoneadm. *ret_fd is FD_NONE when an ancestor
 * holds it already, else a descriptor whose close releases it. 0 or a negative errno.
 */
int lock_take(const char *zone, int *ret_fd);
/* Releases it and the environment variable. Returns FD_NONE. */
int lock_release(int fd);

static inline void lock_releasep(int *fd)
{
	*fd = lock_release(*fd);
}
#define _cleanup_lock_ _cleanup_(lock_releasep)
