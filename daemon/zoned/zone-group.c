/* SPDX-License-Identifier: MIT */
/*
 * A zone's control groups: zones/NAME carries the limits and stays the host's,
 * zones/NAME/zone is the leaf that is the zone, zones/NAME/zsched holds the
 * processes that work for it.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"

#include <time.h>

#define KILL_ROUND_MS 1000

void zone_group(const struct zone *z, const char *leaf, char buf[ZONE_GROUP_MAX])
{
	(void)snprintf(buf, ZONE_GROUP_MAX, ZONE_GROUPS "/%.63s%s%s", z->name, leaf ? "/" : "",
		leaf ? leaf : "");
}

int zone_groups_make(struct zone *z, struct diag *d)
{
	static const char *const leaves[] = {NULL, "zone", "zsched"};
	char group[ZONE_GROUP_MAX];
	size_t i;
	int r;

	r = zone_groups_remove(z, d);
	for (i = 0; i < ARRAY_SIZE(leaves) && r == 0; i++) {
		zone_group(z, leaves[i], group);
		r = cgroup_make(group, d);
		if (r == 0 && !leaves[i])
			cgroup_share_controllers(group);
	}
	if (r < 0 && i > 0)
		(void)zone_groups_remove(z, NULL);
	return r;
}

int zone_groups_remove(struct zone *z, struct diag *d)
{
	char group[ZONE_GROUP_MAX];

	zone_group(z, NULL, group);
	return cgroup_remove(group, d);
}

int zone_groups_delegate(struct zone *z, struct diag *d)
{
	char group[ZONE_GROUP_MAX];
	int r;

	zone_group(z, "zone", group);
	r = cgroup_delegate(group, z->uid_base, z->uid_base);
	return r < 0 ? diag_errno(d, r, "Cannot give the control group %s to the zone", group) : 0;
}

static int empty(const struct zone *z, const char *leaf, int timeout_ms, bool sig, struct diag *d)
{
	char group[ZONE_GROUP_MAX], who[256];
	int r = -ETIMEDOUT;

	zone_group(z, leaf, group);
	/* Again in each round: something may have been moved in from outside. */
	for (; timeout_ms > 0 && r == -ETIMEDOUT; timeout_ms -= KILL_ROUND_MS) {
		r = cgroup_kill(group);
		if (r == 0)
			r = cgroup_wait_empty(group, KILL_ROUND_MS);
		if (r == -ETIMEDOUT && sig && zone_caller_gone())
			return -EINTR;
	}
	if (r == -ETIMEDOUT) {
		cgroup_describe(group, who, sizeof(who));
		return diag_set(d, r, "Processes of zone '%s' do not end: %s", z->name, who);
	}
	return r < 0 ? diag_errno(d, r, "Cannot kill the processes of zone '%s'", z->name) : 0;
}

int zone_group_empty(const struct zone *z, const char *leaf, int timeout_ms, struct diag *d)
{
	return empty(z, leaf, timeout_ms, false, d);
}

int zone_group_empty_sig(const struct zone *z, const char *leaf, int timeout_ms, struct diag *d)
{
	return empty(z, leaf, timeout_ms, true, d);
}
