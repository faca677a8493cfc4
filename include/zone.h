/* SPDX-License-Identifier: MIT */
/*
 * Zones: names of illumos <zone.h> and <sys/zone.h>. The calls go to zoned
 * over its door; a process inside a zone reaches it at /dev/zones/zone_door.
 */
#ifndef ZONES_ZONE_H
#define ZONES_ZONE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <ucred.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ALL_ZONES	(-1)
#define MIN_ZONEID	0
#define MAX_ZONEID	8191
#define MAX_ZONES	8192
#define ZONENAME_MAX	64 /* bytes, with the NUL */
#define GLOBAL_ZONENAME "global"
#define BOOTARGS_MAX	1024 /* bytes, with the NUL */
#define ZONEROOT_MAX	1024

/* Status of a live zone; moves one way only. */
typedef enum {
	ZONE_IS_UNINITIALIZED = 0,
	ZONE_IS_INITIALIZED,
	ZONE_IS_READY,
	ZONE_IS_BOOTING,
	ZONE_IS_RUNNING,
	ZONE_IS_SHUTTING_DOWN,
	ZONE_IS_EMPTY,
	ZONE_IS_DOWN,
	ZONE_IS_DYING,
	ZONE_IS_DEAD,
	ZONE_IS_FREE,
} zone_status_t;

/* Attributes of zone_getattr() and zone_setattr(). */
enum zone_attr {
	ZONE_ATTR_ROOT = 1,    /* string */
	ZONE_ATTR_NAME,	       /* string */
	ZONE_ATTR_STATUS,      /* zone_status_t */
	ZONE_ATTR_PRIVSET,     /* uint64_t. Linux: the capability bounding mask */
	ZONE_ATTR_UNIQID,      /* uint64_t */
	ZONE_ATTR_POOLID,      /* Linux: string, settable: a list of CPUs; what it has of them */
	ZONE_ATTR_INITPID,     /* pid_t, as the global zone sees it */
	ZONE_ATTR_SLBL,	       /* Linux: there are no labels, EINVAL */
	ZONE_ATTR_INITNAME,    /* string, settable */
	ZONE_ATTR_BOOTARGS,    /* string, settable */
	ZONE_ATTR_BRAND,       /* string, settable once */
	ZONE_ATTR_SCHED_CLASS, /* string, settable */
	ZONE_ATTR_FLAGS,       /* uint32_t, ZF_* */
	ZONE_ATTR_HOSTID,      /* uint32_t, settable */
	ZONE_ATTR_FS_ALLOWED,  /* string, settable */
	ZONE_ATTR_NETWORK,     /* struct zone_net_data, per link, set once */
	ZONE_ATTR_DID, /* int32_t: the number that zonecfg keeps for tools (debugid), 0 for none */
	ZONE_ATTR_INITNORESTART, /* int, settable: the end of init ends the zone */
	ZONE_ATTR_APP_SVC_CT,	 /* Linux: there are no contracts, EINVAL */
	ZONE_ATTR_SCHED_FIXEDHI, /* Linux: EINVAL, no class has a fixed priority above all others */
	ZONE_ATTR_SECFLAGS, /* Linux: uint32_t, ZONE_SECFLAG_*, settable: what processes start with */
	ZONE_ATTR_INITRESTART0, /* int, settable: init is started again only after exit 0 */
	ZONE_ATTR_INITREBOOT,	/* int, settable: the zone is booted again instead of init alone */
	ZONE_ATTR_FROZEN, /* Linux: int, settable while it runs: nothing in the zone is scheduled */
	ZONE_ATTR_DEDICATED_CPU, /* Linux: struct zone_dedicated_cpu, settable */
};

/* CPUs for one zone alone: between min and max of them; who has the greater importance gets more. */
struct zone_dedicated_cpu {
	uint64_t min, max, importance;
};

#define ZONE_SECFLAG_ASLR	   0x1u
#define ZONE_SECFLAG_FORBIDNULLMAP 0x2u
#define ZONE_SECFLAG_NOEXECSTACK   0x4u
#define ZONE_SECFLAGS_ALL	   0x7u

#define ZF_SCRATCH  0x4u
#define ZF_NET_EXCL 0x8u
#define ZF_FROZEN   0x10000u /* Linux: ZONE_ATTR_FROZEN */

/* Extended errors of zone_create() */
#define ZE_UNKNOWN    0
#define ZE_CHROOTED   1
#define ZE_AREMOUNTS  2
#define ZE_LABELINUSE 3

/* The zone of the calling process. -1 and errno when zoned cannot be asked. */
zoneid_t getzoneid(void);

/*
 * Id of a zone that is ready or further, of the caller's when name is NULL. -1 and EINVAL when the caller sees
 * none of that name, ENAMETOOLONG, EFAULT.
 */
zoneid_t getzoneidbyname(const char *name);

/* Name of a zone into buf; returns its length with the NUL, -1 and EINVAL or EFAULT. Truncates like strlcpy. */
ssize_t getzonenamebyid(zoneid_t id, char *buf, size_t buflen);

/*
 * Runs fn(arg) in a child process in the zone: in all its namespaces, cgroup, with its capabilities
 * and system-call filter, as root of the zone, in its directory /. The child's exit status is what fn
 * returns; its pid is returned. It has the caller's descriptors that are not close-on-exec.
 * Linux: illumos moves the caller itself; here a process cannot leave its pid namespace. A caller
 * with threads: fn does what is allowed after fork(2).
 *
 * -1 and errno: EFAULT no fn, or a shared mapping of a file of the host that can be written to; EPERM not global root with CAP_SYS_ADMIN; EINVAL no such zone, or not running;
 * EBUSY it is frozen; ESRCH its init has ended; EBADF a descriptor would let the zone out (a directory, a file or
 * terminal of the host, a socket of another network namespace); EMFILE too many descriptors.
 */
pid_t zone_enter(zoneid_t id, int (*fn)(void *arg), void *arg);

/*
 * Ids of the zones that the caller sees: at most *count of them into ids, and *count becomes the
 * number of zones, which may be more. With ids NULL only the number. 0, or -1 and EFAULT, or what zoned answers.
 */
int zone_list(zoneid_t *ids, unsigned int *count);

/*
 * The zone to which the file of a path belongs: the one in whose root it is, or the global zone. In
 * a zone it is always that one. -1 and EFAULT, or what realpath(3) or zoned says.
 */
zoneid_t zone_find_by_path(const char *path);
/* The same, and what is beside a root in its zonepath belongs to the zone, too: its logs, its devices. */
zoneid_t zone_find_by_any_path(const char *path);

/*
 * Calls cb with each zone that the caller sees and that is ready or further, in the order of their
 * ids; with each link that a zone was given. Nothing is held meanwhile: cb may do anything. What cb
 * returns other than 0 ends the walk and is returned. -1 and errno when zoned does not tell:
 * for links EPERM another zone, ENXIO no such zone.
 */
int zone_walk(int (*cb)(zoneid_t id, void *arg), void *arg);
int zone_datalink_walk(zoneid_t id, int (*cb)(uint32_t linkid, void *arg), void *arg);

/*
 * An attribute (ZONE_ATTR_*) into buf: returns its whole size, which may be more than size; a
 * string is then cut and terminated, what is no string has its first bytes. With buf NULL only the size.
 * -1 and EINVAL (no such zone or attribute; a host id is 4 bytes), ESRCH (no init), EFAULT.
 */
ssize_t zone_getattr(zoneid_t id, int attr, void *buf, size_t size);

#ifdef __cplusplus
}
#endif
#endif
