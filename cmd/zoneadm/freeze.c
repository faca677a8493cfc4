/* SPDX-License-Identifier: MIT */
/*
 * freeze and thaw: nothing in the zone is scheduled, or it goes on. Linux: illumos has no such
 * thing. The state stays "running"; list -j tells.
 */
#include "zoneadm/boot.h"

#include "linux/audit.h"
#include "zone/zone-calls.h"
#include "zoneadm/state.h"

int freeze_check(const struct request *req, zoneid_t id)
{
	bool frozen = false;

	if (zone_call_get_frozen(id, &frozen) < 0 || !frozen)
		return EXIT_OK;
	return complain(req->zone, "it is frozen; thaw it first, or halt it");
}

static int change(const struct request *req, zoneid_t id, bool frozen)
{
	const char *what = frozen ? "frozen" : "thawed";
	struct diag d = {0};
	bool was;
	int r = zone_call_get_frozen(id, &was);

	if (r == 0 && was == frozen)
		return complain(req->zone, "zone is already %s", what), EXIT_OK;
	if (r == 0) {
		r = zone_call_set_frozen(id, frozen, &d);
		audit_record(AUDIT_ZONE_STATE, req->argv[0], req->zone, r == 0, "%s", "");
	}
	if (r < 0)
		return complain(
			req->zone, "cannot be %s: %s", what, d.text[0] ? d.text : strerror(-r));
	return EXIT_OK;
}

static int run(struct request *req, bool frozen)
{
	zone_state_t state;
	zoneid_t id;
	int r = no_arguments(req);

	if (r)
		return r;
	r = state_get(&req->entry, &state, &id);
	if (r < 0)
		return complain(req->zone, "cannot ask zoned for its state: %s", strerror(-r));
	if (state != ZONE_STATE_RUNNING)
		return complain(req->zone,
			"%s operation is invalid for zones in state '%s'; it must be running",
			req->argv[0], zone_state_str(state));
	return change(req, id, frozen);
}

int freeze_run(struct request *req)
{
	return run(req, true);
}

int thaw_run(struct request *req)
{
	return run(req, false);
}
