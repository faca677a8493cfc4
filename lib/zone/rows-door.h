/* SPDX-License-Identifier: MIT */
/*
 * What lists of zones show of each live zone, many zones in one reply: a call for each
 * attribute of each of a thousand zones would take a third of a second. Rules of the door are
 * those of zone-door.h. A caller in a zone gets that zone.
 */
#pragma once

#include "zone/zone-door.h"

#define ZONE_ROWS 41 /* zone_rows_req -> zone_rows_reply */

struct zone_row {
	zoneid_t zoneid;
	uint32_t status; /* zone_status_t */
	uint32_t flags;	 /* ZF_* */
	char name[ZONENAME_MAX];
	char brand[ZONENAME_MAX];
};

struct zone_rows_req {
	uint32_t cmd;
	zoneid_t from; /* zones with this id or a greater one; 0 for the first call */
};

struct zone_rows_reply {
	struct zone_reply head;
	uint32_t count; /* rows that follow, in the order of their ids */
	zoneid_t next;	/* from of the next call; negative: that was all */
	struct zone_row rows[];
};

/*
 * Calls fn for every live zone that the caller may see, the global one too, until it returns
 * non-zero, which is returned. 0, or a negative errno; -EBADF: zoned does not run.
 */
int zone_row_each(int (*fn)(const struct zone_row *row, void *arg), void *arg);
