/* SPDX-License-Identifier: MIT */
/*
 * zoneadm clone; see clone.h.
 *
 * Order: locks of source and target, both are checked, the target's zonepath is
 * made, brand's preclone, index says incomplete, the source's root is copied, brand's postclone,
 * index says installed. What fails or is interrupted before that leaves the zone configured
 * and nothing on disk; after a kill the zone is incomplete.
 *
 * The copy is made by the brand's clone hook if it has one, and settled by its postclone, else by ourselves
 * in the fastest way that the file system has: a snapshot (btrfs, when the root is a
 * subvolume), shared blocks, or a plain copy. With "-m copy" every block is written anew.
 *
 * The source cannot be booted meanwhile: its daemon starts under its lock.
 * Linux: -s names a snapshot of the source that zoneadm snapshot made; with ZFS it is one of an earlier clone.
 */
#include "zoneadm/clone.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "linux/instance.h"
#include "linux/interrupt.h"
#include "zoneadm/change.h"
#include "zoneadm/hook.h"
#include "zoneadm/image-run.h"
#include "zoneadm/images.h"
#include "zoneadm/install.h"
#include "zoneadm/lock.h"
#include "zoneadm/root-part.h"
#include "zoneadm/snapshots.h"
#include "zoneadm/state.h"
#include "zoneadm/verify.h"
#include "zoneadm/zonepath.h"

struct clone {
	struct request *req;
	struct request source; /* as if it had been asked for */
	struct brand *brand;
	bool copy;	      /* -m copy */
	const char *snapshot; /* -s, NULL: the zone as it is */
	int first;	      /* of the brand's arguments: the source is the last one */
};

static int parse(struct request *req, struct clone *c)
{
	for (c->first = 1; c->first + 1 < req->argc; c->first += 2) {
		if (streq(req->argv[c->first], "-s"))
			c->snapshot = req->argv[c->first + 1];
		else if (!streq(req->argv[c->first], "-m"))
			break;
		else if (streq(req->argv[c->first + 1], "copy"))
			c->copy = true;
		else
			return usage_of(req);
	}
	if (req->argc <= c->first || req->argv[req->argc - 1][0] == '-')
		return usage_of(req);
	c->source = (struct request){
		.zone = req->argv[req->argc - 1], .argc = req->argc, .argv = req->argv};
	if (streq(c->source.zone, req->zone))
		return complain(req->zone, "cannot be its own clone");
	if (streq(c->source.zone, GLOBAL_ZONENAME))
		return complain(req->zone, "the global zone cannot be cloned");
	return EXIT_OK;
}

/* Halted, whole, and of the same brand. A snapshot of a live zone does not change. */
static int check_source(struct clone *c)
{
	zone_state_t state;
	int r = state_get(&c->source.entry, &state, NULL);

	if (r < 0)
		return complain(c->source.zone, "cannot ask zoned for its state: %s", strerror(-r));
	if (state < ZONE_STATE_INSTALLED || (state > ZONE_STATE_INSTALLED && !c->snapshot))
		return complain(c->source.zone, "cannot be cloned in state '%s'; %s",
			zone_state_str(state),
			state > ZONE_STATE_INSTALLED ? "halt it first" : "it must be installed");
	r = c->snapshot ? EXIT_OK : change_check_mounts(&c->source);
	return r ? r : zonepath_check_boot(c->source.zone, c->source.entry.zonepath);
}

static int load(const char *zone, struct zonecfg **ret)
{
	struct diag d = {0};
	int r = zonecfg_load(zone, ret, &d);

	return r ? complain(zone, "%s", d.text[0] ? d.text : zonecfg_strerror(r)) : EXIT_OK;
}

static int compare(struct clone *c)
{
	_cleanup_(zonecfg_freep) struct zonecfg *from = NULL, *to = NULL;
	int r = load(c->source.zone, &from);

	if (!r)
		r = load(c->req->zone, &to);
	if (r)
		return r;
	if (!from->brand || !to->brand || !streq(from->brand, to->brand))
		return complain(c->req->zone,
			"its brand is '%s', but that of zone '%s' is '%s'; they must be the same",
			to->brand ? to->brand : "", c->source.zone, from->brand ? from->brand : "");
	clone_warn(from, to);
	return EXIT_OK;
}

/* An overlay of the same image, with what the source wrote. */
static int copy_overlay(const struct clone *c, const struct root_part *p, int to, struct diag *d)
{
	const struct copy_how how = {.cancelled = interrupted, .no_sharing = c->copy};
	struct root_part part = {.dir = FD_NONE};
	int r = overlay_create(to, OVERLAY_DIR, p->digest, d);

	if (r == 0)
		r = root_part_open(to, &part, d);
	if (r == 0)
		r = root_part_remove(part.dir, part.name, d);
	if (r == 0)
		r = root_part_copy(p, part.dir, part.name, &how, d);
	if (r == 0 && mkdirat(to, "root", 0755) < 0)
		r = diag_errno(d, -errno, "cannot make its root");
	root_part_close(&part);
	return r;
}

static int copy_part(const struct clone *c, int source, int to, struct diag *d)
{
	const struct copy_how how = {.cancelled = interrupted, .no_sharing = c->copy};
	struct root_part p = {.dir = FD_NONE};
	int r = root_part_open(source, &p, d);

	if (r == 0)
		r = p.overlay ? copy_overlay(c, &p, to, d)
			      : root_part_copy(&p, to, "root", &how, d);
	root_part_close(&p);
	return r;
}

static int source_hook(const struct clone *c, enum brand_hook hook, int argc, char *const *argv)
{
	return hook_passes(c->brand, hook, &c->source.entry, argc, argv);
}

/* The source's root as it is now: between the brand's presnap and postsnap. */
static int copy_now(const struct clone *c, int from, int to, struct diag *d)
{
	int r = source_hook(c, BRAND_PRESNAP, 0, NULL);

	if (r)
		return diag_set(d, -ECANCELED, "not copied");
	r = copy_part(c, from, to, d);
	return source_hook(c, BRAND_POSTSNAP, 0, NULL) && r == 0
		       ? diag_set(d, -ECANCELED, "not copied")
		       : r;
}

/* As it was then: the brand may know that this is of no use. */
static int copy_snapshot(const struct clone *c, int from, int to, struct diag *d)
{
	_cleanup_close_ int snapshot = snapshot_open(from, c->snapshot, d);
	_cleanup_free_ char *path = NULL;
	char *argv[] = {(char *)(uintptr_t)c->snapshot, NULL};

	if (snapshot < 0)
		return snapshot;
	if (asprintf(&path, "%s%s/" SNAPSHOTS_DIR "/%s", instance_root(), c->source.entry.zonepath,
		    c->snapshot) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	argv[1] = path;
	if (source_hook(c, BRAND_VALIDATESNAP, 2, argv))
		return diag_set(d, -ECANCELED, "not copied");
	return copy_part(c, snapshot, to, d);
}

static int copy_zone(const struct clone *c)
{
	_cleanup_close_ int from = zonepath_open(c->source.entry.zonepath);
	_cleanup_close_ int to = zonepath_open(c->req->entry.zonepath);
	struct diag d = {0};
	int r;

	if (from < 0 || to < 0)
		return complain(c->req->zone, "cannot open the zonepaths: %s",
			strerror(from < 0 ? -from : -to));
	r = c->snapshot ? copy_snapshot(c, from, to, &d) : copy_now(c, from, to, &d);
	if (r == -ENOENT && c->snapshot)
		return complain(c->source.zone, "%s", d.text);
	if (r == 0)
		r = images_copy_record(from, to, &d);
	return r < 0 ? complain(c->req->zone, "%s", d.text)
		     : images_hold(c->req->zone, c->req->entry.zonepath);
}

/* The copy is another machine, whose name is its own; that is written in a jail, as all of the root. */
static int settle(const struct clone *c)
{
	_cleanup_close_ int zonepath = zonepath_open(c->req->entry.zonepath), root = FD_NONE;
	const char *const words[] = {NULL, c->source.zone, c->req->zone};
	struct diag d = {0};

	if (zonepath < 0)
		return complain(c->req->zone, "cannot open its zonepath: %s", strerror(-zonepath));
	root = root_part_tree(zonepath, &d);
	if (root < 0)
		return complain(c->req->zone, "%s", d.text);
	return image_run(c->req->zone, "another", words, ARRAY_SIZE(words), (int[]){root});
}

static int run_hook(const struct clone *c, enum brand_hook hook)
{
	int argc = c->req->argc - c->first;
	int r = hook_run(c->brand, hook, &c->req->entry, argc, c->req->argv + c->first);

	if (r != HOOK_NONE && r != 0)
		(void)complain(c->req->zone, "the brand's %s hook failed", brand_hook_name(hook));
	return r;
}

static int produce(const struct clone *c)
{
	int r = run_hook(c, BRAND_CLONE);

	if (r == HOOK_NONE) {
		if (c->req->argc - c->first > 1) {
			(void)complain(c->req->zone, "brand '%s' takes no %s option '%s'",
				c->brand->name, c->req->sub->name, c->req->argv[c->first]);
			return EXIT_USAGE;
		}
		(void)printf("Cloning zonepath %s...\n", c->source.entry.zonepath);
		(void)fflush(stdout);
		r = copy_zone(c);
		if (!r)
			r = settle(c);
	}
	if (r == 0) {
		r = run_hook(c, BRAND_POSTCLONE);
		r = r == HOOK_NONE ? 0 : r;
	}
	if (r == 0 && interrupted())
		r = complain(c->req->zone, "interrupted");
	return r;
}

static int clone(struct clone *c)
{
	int r = zonepath_check(
		c->req->zone, c->req->entry.zonepath, ZONEPATH_REPAIR | ZONEPATH_MAKE);

	if (!r)
		r = hook_passes(c->brand, BRAND_PRECLONE, &c->req->entry, c->req->argc - c->first,
			c->req->argv + c->first);
	if (!r)
		r = index_state(c->req->zone, ZONE_STATE_INCOMPLETE);
	if (r)
		return r;
	r = produce(c);
	if (!r)
		return index_state(c->req->zone, ZONE_STATE_INSTALLED);
	if (zonepath_remove(&c->req->entry) == EXIT_OK &&
		index_state(c->req->zone, ZONE_STATE_CONFIGURED) == EXIT_OK)
		(void)complain(c->req->zone, "not cloned; nothing is left to clean up");
	return r == EXIT_USAGE || r == HOOK_USAGE ? usage_of(c->req) : EXIT_ERR;
}

static int prepare(struct clone *c, int *ret_source_lock, int *ret_lock)
{
	zone_state_t state;
	int r = request_resolve(&c->source);

	if (r)
		return r;
	/* the source's first: hooks inherit the lock of the last one, which is the target */
	r = lock_take(c->source.zone, ret_source_lock);
	if (r < 0)
		return complain(c->source.zone, "cannot lock it: %s", strerror(-r));
	r = change_begin(c->req, ret_lock, &state);
	if (!r)
		r = change_check_state(c->req, state, ZONE_STATE_CONFIGURED);
	if (!r)
		r = request_resolve(&c->source);
	if (!r)
		r = check_source(c);
	if (!r)
		r = verify_zone(c->req, ZONEPATH_REPAIR | ZONEPATH_QUIET_MISSING, &c->brand);
	return r ? r : compare(c);
}

int clone_run(struct request *req)
{
	_cleanup_lock_ int source_lock = FD_NONE, lock = FD_NONE;
	struct clone c = {.req = req};
	int r = parse(req, &c);

	if (!r)
		r = prepare(&c, &source_lock, &lock);
	if (!r) {
		interrupt_note();
		r = clone(&c);
	}
	c.brand = brand_free(c.brand);
	return r;
}
