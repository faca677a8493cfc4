/* SPDX-License-Identifier: MIT */
/*
 * What a process gives up when its program is about to become a zone's: the
 * capabilities outside the zone's set and the system calls that the filter
 * refuses. Used by zsched for init and by zlogin, so that both are confined
 * by the same code. No memory is allocated; safe after fork.
 */
#pragma once

#include "linux/util.h"

/*
 * The default bounding set (limitpriv "default"): every capability over the
 * zone's own namespaces except module loading, raw I/O, MAC administration,
 * and those that only reach the host.
 */
uint64_t zone_caps_default(void);

/*
 * Drops every capability outside mask from the bounding, permitted, effective,
 * inheritable and ambient sets. The caller has CAP_SETPCAP in its user
 * namespace. Returns 0 or a negative errno.
 */
int zone_confine_caps(uint64_t mask);

/*
 * Installs the system-call filter for good, for a zone with this capability mask. The caller has CAP_SYS_ADMIN in
 * its user namespace (no_new_privs is not set: it would break su in the zone).
 * Returns 0 or a negative errno.
 */
int zone_confine_syscalls(uint64_t mask);

/* How the processes of a zone are started: what its scheduling-class and security-flags say. */
#define ZONE_START_NO_ASLR 0x1u
#define ZONE_START_BATCH   0x2u /* scheduling-class FX */
#define ZONE_START_RT	   0x4u /* RT */
#define ZONE_START_ALL	   0x7u

/*
 * Applies them to the calling process, whose children inherit them. It still has the rights of the
 * host's root, which a realtime class asks for. 0 or a negative errno.
 */
int zone_start_as(uint32_t how);
