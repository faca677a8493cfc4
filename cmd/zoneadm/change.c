/* SPDX-License-Identifier: MIT */
/* The frame of every change on disk; see change.h. */
#include "zoneadm/change.h"

#include <limits.h>

#include "linux/instance.h"
#include "linux/mounts.h"
#include "zoneadm/lock.h"
#include "zoneadm/state.h"

int change_begin(struct request *req, int *ret_lock, zone_state_t *ret_state)
{
	int r = lock_take(req->entry.name, ret_lock);

	if (r < 0)
		return complain(req->zone, "cannot lock it: %s", strerror(-r));
	req->acts = true;
	r = request_resolve(req);
	if (r)
		return r;
	r = state_get(&req->entry, ret_state, NULL);
	return r < 0 ? complain(req->zone, "cannot ask zoned for its state: %s", strerror(-r))
		     : EXIT_OK;
}

int change_check_state(const struct request *req, zone_state_t state, zone_state_t wanted)
{
	if (state == wanted)
		return EXIT_OK;
	return complain(req->zone, "%s operation is invalid for zones in state '%s'%s",
		req->argv[0], zone_state_str(state),
		state == ZONE_STATE_MOUNTED    ? "; unmount it first"
		: state > ZONE_STATE_INSTALLED ? "; halt it first"
					       : "");
}

static int refuse_mount(const char *point, void *arg)
{
	const struct request *req = arg;

	(void)complain(req->zone, "something is mounted on '%s'; unmount it first", point);
	return 0;
}

int change_check_mounts(const struct request *req)
{
	char path[PATH_MAX], real[PATH_MAX];
	int r = instance_path(path, sizeof(path), "%s", req->entry.zonepath);

	if (r < 0)
		return complain(req->zone, "its zonepath is too long");
	if (!realpath(path, real))
		return errno == ENOENT ? EXIT_OK
				       : complain(req->zone, "cannot resolve zonepath '%s': %s",
						 req->entry.zonepath, strerror(errno));
	if (strlen(real) + sizeof("/root") > sizeof(real))
		return complain(req->zone, "its zonepath is too long");
	(void)strcat(real, "/root");
	r = mounts_below(real, refuse_mount, (void *)req);
	if (r < 0)
		return complain(req->zone, "cannot read the list of mounts: %s", strerror(-r));
	return r ? EXIT_ERR : EXIT_OK;
}

int change_confirm(
	const struct request *req, const char *what, const char *force, bool *ret_declined)
{
	char answer[16];

	*ret_declined = false;
	if (!isatty(STDIN_FILENO))
		return complain(req->zone,
			"%s must be confirmed: there is no terminal to ask on, use %s",
			req->argv[0], force);
	(void)printf("Are you sure you want to %s zone %s (y/[n])? ", what, req->zone);
	(void)fflush(stdout);
	*ret_declined = !fgets(answer, sizeof(answer), stdin) || !strchr("yY", answer[0]) ||
			answer[0] == '\0';
	return EXIT_OK;
}

int index_state(const char *zone, zone_state_t state)
{
	int r = zone_index_set_state(zone, state);

	return r ? complain(zone, "cannot change its state to '%s' in the index: %s",
			   zone_state_str(state), zonecfg_strerror(r))
		 : EXIT_OK;
}
