/* SPDX-License-Identifier: MIT */
/* Kernel status and index combined into the state that users see; see state.h. */
#include "zoneadmd/state.h"

#include "zone/zone-calls.h"

static bool is_scratch(const char *root)
{
	size_t n = strlen(root), suffix = sizeof(ZONE_SCRATCH_ROOT) - 1;

	return n >= suffix && streq(root + n - suffix, ZONE_SCRATCH_ROOT);
}

enum zone_state zone_now_live(zone_status_t status, const char *root)
{
	switch (status) {
	case ZONE_IS_UNINITIALIZED:
	case ZONE_IS_INITIALIZED:
	case ZONE_IS_READY:
		return is_scratch(root) ? ZONE_STATE_MOUNTED : ZONE_STATE_READY;
	case ZONE_IS_BOOTING:
	case ZONE_IS_RUNNING:
		return is_scratch(root) ? ZONE_STATE_MOUNTED : ZONE_STATE_RUNNING;
	case ZONE_IS_SHUTTING_DOWN:
	case ZONE_IS_EMPTY:
		return ZONE_STATE_SHUTTING_DOWN;
	case ZONE_IS_DOWN:
	case ZONE_IS_DYING:
	case ZONE_IS_DEAD:
	case ZONE_IS_FREE:
		return ZONE_STATE_DOWN;
	}
	return ZONE_STATE_DOWN;
}

/* -EINVAL from zoned means that the zone went away meanwhile. */
static int live_state(struct zone_now *now)
{
	char root[ZONEROOT_MAX] = "";
	zone_status_t status;
	size_t size;
	int r;

	r = zone_call_status(now->id, &status);
	if (!r)
		r = zone_call_getattr(
			now->id, ZONE_ATTR_UNIQID, &now->uniqid, sizeof(now->uniqid), &size);
	if (!r && status <= ZONE_IS_RUNNING)
		r = zone_call_getattr(now->id, ZONE_ATTR_ROOT, root, sizeof(root), &size);
	if (!r)
		now->state = zone_now_live(status, root);
	return r;
}

int zone_now_get(const char *zone, struct zone_now *ret, struct diag *d)
{
	int r;

	memset(ret, 0, sizeof(*ret));
	ret->id = -1;
	r = zone_index_find(zone, &ret->entry);
	if (r == Z_NO_ZONE)
		return diag_set(d, -ENOENT, "%s", zonecfg_strerror(r));
	if (r < 0)
		return diag_errno(d, r, "cannot read the index of zones");
	ret->state = ret->entry.state;
	r = zone_call_lookup(zone, &ret->id);
	if (!r)
		r = live_state(ret);
	if (r == -EINVAL) {
		ret->id = -1;
		ret->uniqid = 0;
		return 0;
	}
	if (r == -EBADF)
		return diag_set(d, r, "zoned does not answer: it does not run");
	return r < 0 ? diag_errno(d, r, "zoned does not answer") : 0;
}
