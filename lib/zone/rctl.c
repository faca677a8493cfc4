/* SPDX-License-Identifier: MIT */
/* The table of zone.* resource controls and the rules for their values; see rctl.h. */
#include "zone/rctl.h"

#include <inttypes.h>
#include <limits.h>

#define IDS_MAX	    (1u << 24)
#define SHARES_MAX  65535u
#define CPU_CAP_MAX UINT32_MAX /* percent of one CPU */

const struct zone_rctl zone_rctls[RCTL_COUNT] = {
	[RCTL_CPU_SHARES] = {"zone.cpu-shares", ZRCTL_COUNT, 1, SHARES_MAX,
		ZRCTL_NO_BASIC | ZRCTL_NO_DENY, 1},
	[RCTL_CPU_CAP] = {"zone.cpu-cap", ZRCTL_COUNT, 1, CPU_CAP_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS | ZRCTL_INFINITE},
	[RCTL_MAX_LWPS] = {"zone.max-lwps", ZRCTL_COUNT, 1, INT_MAX, ZRCTL_NO_BASIC},
	[RCTL_MAX_PROCESSES] = {"zone.max-processes", ZRCTL_COUNT, 1, INT_MAX, ZRCTL_NO_BASIC},
	[RCTL_MAX_MSG_IDS] = {"zone.max-msg-ids", ZRCTL_COUNT, 0, IDS_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_SEM_IDS] = {"zone.max-sem-ids", ZRCTL_COUNT, 0, IDS_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_SHM_IDS] = {"zone.max-shm-ids", ZRCTL_COUNT, 0, IDS_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_SHM_MEMORY] = {"zone.max-shm-memory", ZRCTL_BYTES, 0, UINT64_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_LOCKED_MEMORY] = {"zone.max-locked-memory", ZRCTL_BYTES, 0, UINT64_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_SWAP] = {"zone.max-swap", ZRCTL_BYTES, 1, UINT64_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_PHYSICAL_MEMORY] = {"zone.max-physical-memory", ZRCTL_BYTES, 1, UINT64_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
	[RCTL_MAX_LOFI] = {"zone.max-lofi", ZRCTL_COUNT, 0, UINT64_MAX,
		ZRCTL_NO_BASIC | ZRCTL_DENY_ALWAYS},
};

bool zone_rctl_loggable(enum zone_rctl_id id)
{
	switch (id) {
	case RCTL_CPU_CAP:
	case RCTL_MAX_LWPS:
	case RCTL_MAX_PROCESSES:
	case RCTL_MAX_SWAP:
	case RCTL_MAX_PHYSICAL_MEMORY:
		return true;
	default:
		return false;
	}
}

int zone_rctl_find(const char *name, enum zone_rctl_id *ret)
{
	int i;

	for (i = 0; i < RCTL_COUNT; i++) {
		if (streq(zone_rctls[i].name, name)) {
			*ret = (enum zone_rctl_id)i;
			return 0;
		}
	}
	return -ENOENT;
}

static int check_action(const struct zone_rctl *c, const struct zone_rctl_value *v, struct diag *d)
{
	if (v->action != ZRCTL_NONE && v->action != ZRCTL_DENY)
		return diag_set(d, -EINVAL, "rctl '%s': the action must be none or deny", c->name);
	if (v->action == ZRCTL_DENY && (c->flags & ZRCTL_NO_DENY))
		return diag_set(d, -EINVAL, "rctl '%s': the action must be none", c->name);
	if (v->action == ZRCTL_NONE && (c->flags & ZRCTL_DENY_ALWAYS))
		return diag_set(d, -EINVAL, "rctl '%s': the action must be deny", c->name);
	return 0;
}

static int check_privilege(
	const struct zone_rctl *c, const struct zone_rctl_value *v, struct diag *d)
{
	if (v->priv == ZRCTL_PRIVILEGED)
		return 0;
	if (v->priv == ZRCTL_BASIC && !(c->flags & ZRCTL_NO_BASIC))
		return 0;
	return diag_set(d, -EINVAL, "rctl '%s': the privilege must be privileged", c->name);
}

int zone_rctl_check(const struct zone_rctl_value *v, enum zone_rctl_id *ret, struct diag *d)
{
	const struct zone_rctl *c;
	enum zone_rctl_id id;
	int r;

	if (!str_terminated(v->name, sizeof(v->name)))
		return diag_set(d, -EINVAL, "The name of an rctl is too long");
	if (zone_rctl_find(v->name, &id) < 0)
		return diag_set(d, -EINVAL, "There is no rctl '%s'", v->name);
	c = &zone_rctls[id];
	if (v->limit < c->min || v->limit > c->max)
		return diag_set(d, -EINVAL,
			"rctl '%s': the limit must be from %" PRIu64 " to %" PRIu64, c->name,
			c->min, c->max);
	r = check_privilege(c, v, d);
	if (r == 0)
		r = check_action(c, v, d);
	if (r == 0)
		*ret = id;
	return r;
}
