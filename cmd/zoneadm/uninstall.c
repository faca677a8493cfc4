/* SPDX-License-Identifier: MIT */
/*
 * zoneadm uninstall; see install.h.
 *
 * Order: ask, lock, nothing is mounted below the root, tell a live daemon,
 * brand's preuninstall, index says incomplete, brand's uninstall hook or our
 * own removal of the zonepath, index says configured. From incomplete it goes
 * on where it stopped.
 */
#include "zoneadm/install.h"

#include <fcntl.h>

#include "zoneadm/change.h"
#include "zoneadm/control.h"
#include "zoneadm/hook.h"
#include "zoneadm/lock.h"
#include "zoneadm/snapshots.h"
#include "linux/remove-tree.h"
#include "linux/subvolume.h"
#include "zoneadm/state.h"
#include "zoneadm/zonepath.h"

static int check_state(struct request *req)
{
	zone_state_t state;
	int r = request_resolve(req);

	if (r)
		return r;
	r = state_get(&req->entry, &state, NULL);
	if (r < 0)
		return complain(req->zone, "cannot ask zoned for its state: %s", strerror(-r));
	if (state == ZONE_STATE_INSTALLED || state == ZONE_STATE_INCOMPLETE)
		return EXIT_OK;
	return complain(req->zone, "uninstall operation is invalid for zones in state '%s'%s",
		zone_state_str(state), state > ZONE_STATE_INSTALLED ? "; halt it first" : "");
}

static int remove_at_parent(const struct zone_index_entry *e)
{
	const char *name;
	_cleanup_close_ int parent = zonepath_open_parent(e->zonepath, &name);

	if (parent < 0 || unlinkat(parent, name, AT_REMOVEDIR) < 0)
		return complain(e->name, "cannot remove zonepath '%s': %s", e->zonepath,
			strerror(parent < 0 ? -parent : errno));
	return EXIT_OK;
}

int zonepath_remove(const struct zone_index_entry *e)
{
	_cleanup_close_ int fd = zonepath_open(e->zonepath);
	struct diag d = {0};

	if (fd == -ENOENT)
		return EXIT_OK;
	if (fd < 0)
		return complain(
			e->name, "cannot open zonepath '%s': %s", e->zonepath, strerror(-fd));
	/* What cannot go in one piece goes file by file. */
	(void)subvolume_destroy(fd, "root");
	snapshots_forget(fd);
	if (remove_contents(fd, &d) < 0)
		return complain(e->name, "zonepath '%s': %s", e->zonepath, d.text);
	return remove_at_parent(e);
}

/* NULL with a warning when it cannot be read: then we remove the zone without it. */
static struct brand *open_brand(const struct request *req)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	struct brand *brand = NULL;
	struct diag d = {0};
	int r = zonecfg_load(req->zone, &cfg, &d);

	if (r == Z_OK && cfg->brand)
		r = brand_open(cfg->brand, &brand, &d);
	if (r) {
		complain_lines(req->zone, d.text[0] ? d.text : zonecfg_strerror(r));
		(void)complain(req->zone, "warning: uninstalling without the help of its brand");
	}
	return brand;
}

static int run_hook(
	const struct request *req, const struct brand *brand, enum brand_hook hook, int first)
{
	int r = brand ? hook_run(brand, hook, &req->entry, req->argc - first, req->argv + first)
		      : HOOK_NONE;

	if (r != HOOK_NONE && r != 0)
		(void)complain(req->zone, "the brand's %s hook failed", brand_hook_name(hook));
	return r;
}

static int take_away(struct request *req, int first)
{
	static const enum brand_hook hooks[] = {
		BRAND_PREUNINSTALL, BRAND_UNINSTALL, BRAND_HOOK_COUNT};
	_cleanup_(brand_freep) struct brand *brand = open_brand(req);
	int r = brand ? hook_check_options(req, brand, hooks, first) : EXIT_OK;

	if (r)
		return r;
	r = run_hook(req, brand, BRAND_PREUNINSTALL, first);
	if (r != HOOK_NONE && r != 0)
		return EXIT_ERR;
	r = index_state(req->zone, ZONE_STATE_INCOMPLETE);
	if (r)
		return r;
	r = run_hook(req, brand, BRAND_UNINSTALL, first);
	if (r == HOOK_NONE)
		r = zonepath_remove(&req->entry);
	return r ? EXIT_ERR : index_state(req->zone, ZONE_STATE_CONFIGURED);
}

int uninstall_run(struct request *req)
{
	_cleanup_lock_ int lock = FD_NONE;
	bool force = req->argc > 1 && streq(req->argv[1], "-F");
	int first = force ? 2 : 1;
	bool declined = false;
	int r;

	if (req->argc > first && req->argv[first][0] != '-')
		return usage_of(req);
	r = check_state(req);
	if (!r && !force)
		r = change_confirm(req, "uninstall", "uninstall -F", &declined);
	if (r || declined)
		return r;
	req->acts = true;
	r = lock_take(req->entry.name, &lock);
	if (r < 0)
		return complain(req->zone, "cannot lock it: %s", strerror(-r));
	r = check_state(req);
	if (!r)
		r = change_check_mounts(req);
	if (!r)
		r = control_notify(req->zone, Z_NOTE_UNINSTALLING);
	return r ? r : take_away(req, first);
}
