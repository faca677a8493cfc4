/* SPDX-License-Identifier: MIT */
/* User states; see state.h. */
#include "zoneadm/state.h"

#include "zone/zone-calls.h"

int state_of_live(zone_status_t status, uint32_t flags)
{
	switch (status) {
	case ZONE_IS_READY:
		return flags & ZF_SCRATCH ? ZONE_STATE_MOUNTED : ZONE_STATE_READY;
	case ZONE_IS_BOOTING:
	case ZONE_IS_RUNNING:
		return flags & ZF_SCRATCH ? ZONE_STATE_MOUNTED : ZONE_STATE_RUNNING;
	case ZONE_IS_SHUTTING_DOWN:
	case ZONE_IS_EMPTY:
		return ZONE_STATE_SHUTTING_DOWN;
	case ZONE_IS_DOWN:
	case ZONE_IS_DYING:
	case ZONE_IS_DEAD:
		return ZONE_STATE_DOWN;
	case ZONE_IS_UNINITIALIZED:
	case ZONE_IS_INITIALIZED:
	case ZONE_IS_FREE:
		break;
	}
	return -1;
}

int state_get(const struct zone_index_entry *e, zone_state_t *ret_state, zoneid_t *ret_id)
{
	zone_status_t status = ZONE_IS_FREE;
	uint32_t flags = 0;
	zoneid_t id = -1;
	size_t size;
	int state = -1;
	int r;

	r = zone_call_lookup(e->name, &id);
	if (r == 0)
		r = zone_call_status(id, &status);
	if (r == 0 && status <= ZONE_IS_RUNNING)
		r = zone_call_getattr(id, ZONE_ATTR_FLAGS, &flags, sizeof(flags), &size);
	/* Not live, or gone between the two calls. */
	if (r < 0 && r != -EINVAL)
		return r;
	if (r == 0)
		state = state_of_live(status, flags);
	*ret_state = state < 0 ? e->state : (zone_state_t)state;
	if (ret_id)
		*ret_id = state < 0 ? -1 : id;
	return 0;
}
