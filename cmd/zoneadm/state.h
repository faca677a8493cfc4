/* SPDX-License-Identifier: MIT */
/*
 * The state of a zone as the user sees it: that of zoned when the zone is live,
 * else the one in the index.
 */
#pragma once

#include "zonecfg/index.h"

/* The user state of a kernel status with flags (ZF_*); -1 when such a zone is not visible yet or any more. */
int state_of_live(zone_status_t status, uint32_t flags);

/*
 * State of a zone of the index. ret_id (may be NULL): its id, -1 when it is not
 * live. 0, or a negative errno when zoned cannot be asked (-ENOENT, -ECONNREFUSED: it
 * does not run).
 */
int state_get(const struct zone_index_entry *e, zone_state_t *ret_state, zoneid_t *ret_id);
