/* SPDX-License-Identifier: MIT */
/*
 * Statistics by name, module:instance:name:statistic as in illumos' kstat, over zoned's door.
 * Rules of the door are those of zone-door.h. A caller in a zone gets those of that zone.
 */
#pragma once

#include "zone/zone-door.h"

#define KSTAT_READ   40 /* kstat_read_req -> kstat_read_reply */
#define KSTAT_STRLEN 31

enum kstat_type {
	KSTAT_UNKNOWN, /* nobody counts it here: shown as "-", never as 0 */
	KSTAT_UINT64,
	KSTAT_STRING,
};

struct kstat_named {
	char name[KSTAT_STRLEN];
	uint8_t type;
	union {
		uint64_t u;
		char s[ZONENAME_MAX];
	} value;
};

struct kstat {
	char module[KSTAT_STRLEN];
	char name[KSTAT_STRLEN];
	char kclass[KSTAT_STRLEN];
	uint8_t pad[3];
	int32_t instance;
	zoneid_t zoneid;
	uint32_t count;
	uint32_t pad2;
	uint64_t crtime, snaptime; /* nanoseconds since the host was booted */
	struct kstat_named stats[];
};

/* Kinds of kstats by module, to read only those. */
enum kstat_kind {
	KSTAT_ZONES = 1 << 0,
	KSTAT_MEMORY_CAP = 1 << 1,
	KSTAT_CAPS = 1 << 2,
	KSTAT_ZONE_VFS = 1 << 3,
	KSTAT_LINK = 1 << 4,
	KSTAT_DEATHROW = 1 << 5,
	KSTAT_SYSV = 1 << 6, /* the caps of System V IPC and of lofi */
	KSTAT_ALL = (1 << 7) - 1,
};

struct kstat_read_req {
	uint32_t cmd;
	zoneid_t zoneid; /* where to go on: both 0 for the first call */
	uint32_t index;
	uint32_t kinds; /* of KSTAT_*; the same in every call for the next piece */
};

struct kstat_read_reply {
	struct zone_reply head;
	zoneid_t zoneid; /* for the next call */
	uint32_t index;
	uint32_t more; /* 0: that was all */
	uint32_t size; /* of the kstats that follow, one behind the other */
	char data[];
};

/* Calls fn for every kstat of some kinds that the caller may see. Returns 0 or a negative errno, -EBADF: zoned does not run. */
int kstat_each(unsigned int kinds, void (*fn)(const struct kstat *k, void *arg), void *arg);
