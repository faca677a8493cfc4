/* SPDX-License-Identifier: MIT */
/* The user state of the zone: what zoned says about a live one, else what the index says. */
#pragma once

#include <zone.h>

#include "linux/diag.h"
#include "zonecfg/index.h"

struct zone_now {
	enum zone_state state;
	zoneid_t id;		       /* of the live zone, -1 when there is none */
	uint64_t uniqid;	       /* of the live zone, 0 when there is none */
	struct zone_index_entry entry; /* as on disk */
};

/*
 * Looked up fresh at every call. 0; -ENOENT when no such zone is configured; another negative
 * errno, with a line in d, when zoned or the index cannot be asked.
 */
int zone_now_get(const char *zone, struct zone_now *ret, struct diag *d);

/* The user state of a live zone. root: the path of its root on the host. */
enum zone_state zone_now_live(zone_status_t status, const char *root);
