/* SPDX-License-Identifier: MIT */
/*
 * Frozen zones. The zone's control group has the state, so that it outlives zoned; the zone's root
 * cannot write it. A frozen zone stays RUNNING. Its init can be killed from outside, and what
 * would follow needs a zone that runs: a zone that loses its init, or is shut down, is thawed.
 *
 * Lock: the zone's life_lock to change it, zone_lock for the flag.
 */
#include "zoned/zone-impl.h"

#include "linux/cgroup-control.h"

#define FREEZE_MS 10000

static void set_flag(struct zone *z, bool frozen)
{
	(void)pthread_mutex_lock(&z->lock);
	z->frozen = frozen;
	(void)pthread_mutex_unlock(&z->lock);
}

bool zone_is_frozen(struct zone *z)
{
	bool frozen;

	(void)pthread_mutex_lock(&z->lock);
	frozen = z->frozen;
	(void)pthread_mutex_unlock(&z->lock);
	return frozen;
}

void zone_freeze_restore(struct zone *z)
{
	char group[ZONE_GROUP_MAX];

	zone_group(z, "zone", group);
	set_flag(z, cgroup_frozen(group));
}

/* Needs no lock: writing it twice does no harm. */
void zone_thaw(struct zone *z)
{
	char group[ZONE_GROUP_MAX];

	if (!zone_is_frozen(z))
		return;
	zone_group(z, "zone", group);
	(void)cgroup_freeze(group, false, 0);
	set_flag(z, false);
}

static int freeze(struct zone *z, bool frozen, struct diag *d)
{
	char group[ZONE_GROUP_MAX];
	int r;

	if (zone_status_get(z) != ZONE_IS_RUNNING)
		return diag_set(d, -EINVAL, "Zone '%s' is %s; only a running zone can be frozen",
			z->name, zone_status_name(zone_status_get(z)));
	zone_group(z, "zone", group);
	r = cgroup_freeze(group, frozen, FREEZE_MS);
	if (r == 0) {
		set_flag(z, frozen);
		/* a shutdown that began meanwhile has killed, and must not wait for what sleeps */
		if (frozen && zone_status_get(z) != ZONE_IS_RUNNING)
			zone_thaw(z);
		return 0;
	}
	if (frozen)
		(void)cgroup_freeze(group, false, 0);
	if (r == -ETIMEDOUT)
		return diag_set(d, r, "Something in zone '%s' could not be %s for %d seconds",
			z->name, frozen ? "frozen" : "thawed", FREEZE_MS / 1000);
	return diag_errno(d, r, "Cannot %s zone '%s'", frozen ? "freeze" : "thaw", z->name);
}

int zone_freeze_set(struct zone *z, const struct zone_setattr_req *req, struct diag *d)
{
	int v, r;

	if (req->size != sizeof(v))
		return -EINVAL;
	memcpy(&v, req->data, sizeof(v));
	(void)pthread_mutex_lock(&z->life_lock);
	r = freeze(z, v != 0, d);
	(void)pthread_mutex_unlock(&z->life_lock);
	return r;
}
