/* SPDX-License-Identifier: MIT */
/*
 * zoneadm sysboot: what the service of zones runs when the host starts, for each installed zone that does not
 * boot by itself. It runs the brand's sysboot hook, and changes nothing else.
 */
#include "zoneadm/install.h"

#include "zoneadm/change.h"
#include "zoneadm/hook.h"
#include "zoneadm/lock.h"

int sysboot_run(struct request *req)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;
	_cleanup_lock_ int lock = FD_NONE;
	zone_state_t state;
	int r = no_arguments(req);

	if (!r)
		r = change_begin(req, &lock, &state);
	if (!r)
		r = change_check_state(req, state, ZONE_STATE_INSTALLED);
	if (!r)
		r = hook_brand(&req->entry, &brand);
	return r ? r : hook_passes(brand, BRAND_SYSBOOT, &req->entry, 0, NULL);
}
