/* SPDX-License-Identifier: MIT */
/*
 * The zone.* resource controls: what there is, in which unit, up to which
 * value, and what values may look like. Enforcing them is zoned's.
 */
#pragma once

#include "linux/diag.h"
#include "zone/zone-door.h"

enum zone_rctl_unit { ZRCTL_COUNT, ZRCTL_BYTES, ZRCTL_SECONDS };

/* Flags of a control, as rctladm(8) calls them */
#define ZRCTL_NO_BASIC	  0x1u /* only privileged values */
#define ZRCTL_NO_DENY	  0x2u /* action none only */
#define ZRCTL_DENY_ALWAYS 0x4u /* action deny only */
#define ZRCTL_INFINITE	  0x8u /* a value that is the largest bounds nothing */

enum zone_rctl_id {
	RCTL_CPU_SHARES,
	RCTL_CPU_CAP,
	RCTL_MAX_LWPS,
	RCTL_MAX_PROCESSES,
	RCTL_MAX_MSG_IDS,
	RCTL_MAX_SEM_IDS,
	RCTL_MAX_SHM_IDS,
	RCTL_MAX_SHM_MEMORY,
	RCTL_MAX_LOCKED_MEMORY,
	RCTL_MAX_SWAP,
	RCTL_MAX_PHYSICAL_MEMORY,
	RCTL_MAX_LOFI,
	RCTL_COUNT,
};

struct zone_rctl {
	const char *name;
	enum zone_rctl_unit unit;
	uint64_t min, max; /* of a value; max is the system value */
	unsigned int flags;
	uint64_t by_default; /* what a zone without a value has, privileged; 0: nothing */
};

/* Indexed by enum zone_rctl_id. */
extern const struct zone_rctl zone_rctls[RCTL_COUNT];

/* The kernel tells when it is hit, by a count of what it refused, or zoned sees it by its usage. */
bool zone_rctl_loggable(enum zone_rctl_id id);

/* -ENOENT when there is no control of that name. */
int zone_rctl_find(const char *name, enum zone_rctl_id *ret);

/*
 * Checks a value from outside: name terminated and known, limit in range,
 * privilege and action allowed for that control. -EINVAL with the control's name
 * and what would be right in the diag.
 */
int zone_rctl_check(const struct zone_rctl_value *v, enum zone_rctl_id *ret, struct diag *d);
