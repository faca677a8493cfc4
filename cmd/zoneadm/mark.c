/* SPDX-License-Identifier: MIT */
/*
 * zoneadm mark: writes a state into the index, whatever is on disk. For a zone
 * whose state is wrong, not for daily use: a zone that is marked incomplete can only be
 * uninstalled.
 */
#include "zoneadm/attach.h"

#include "zoneadm/change.h"
#include "zoneadm/lock.h"

static int parse(struct request *req, zone_state_t *ret_state, bool *ret_force)
{
	static const zone_state_t states[] = {
		ZONE_STATE_CONFIGURED, ZONE_STATE_INCOMPLETE, ZONE_STATE_INSTALLED};
	int word = 1;
	size_t i;

	*ret_force = req->argc > 1 && streq(req->argv[1], "-F");
	word += *ret_force;
	if (req->argc != word + 1)
		return usage_of(req);
	for (i = 0; i < ARRAY_SIZE(states); i++) {
		*ret_state = states[i];
		if (streq(req->argv[word], zone_state_str(states[i])))
			return EXIT_OK;
	}
	(void)complain(req->zone,
		"cannot be marked '%s'; the states are configured, incomplete and installed",
		req->argv[word]);
	return usage_of(req);
}

int mark_run(struct request *req)
{
	_cleanup_lock_ int lock = FD_NONE;
	zone_state_t state, wanted;
	bool force, declined = false;
	int r = parse(req, &wanted, &force);

	if (!r && !force && wanted != ZONE_STATE_INCOMPLETE)
		r = change_confirm(
			req, "mark without any check the state of", "mark -F", &declined);
	if (r || declined)
		return r;
	r = change_begin(req, &lock, &state);
	if (r)
		return r;
	if (state > ZONE_STATE_INSTALLED)
		return change_check_state(req, state, wanted);
	if (state == wanted) {
		(void)complain(req->zone, "zone is already %s", zone_state_str(state));
		return EXIT_OK;
	}
	return index_state(req->zone, wanted);
}
