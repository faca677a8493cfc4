/* SPDX-License-Identifier: MIT */
/*
 * zoneadm detach and attach; see attach.h.
 *
 * Detach: brand's predetach, manifest, brand's detach, index says configured,
 * brand's postdetach. Attach: everything verified, brand's preattach and attach,
 * index says installed, brand's postattach, manifest removed. What fails on the way is
 * taken back, so the zone is either attached or detached; when we are killed in
 * between, it is what the index says.
 */
#include "zoneadm/attach.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "zoneadm/change.h"
#include "zoneadm/hook.h"
#include "zoneadm/images.h"
#include "zoneadm/lock.h"
#include "zoneadm/manifest.h"
#include "zoneadm/verify.h"
#include "zoneadm/zonepath.h"

static int run_hook(
	const struct request *req, const struct brand *brand, enum brand_hook hook, int first)
{
	return hook_passes(brand, hook, &req->entry, req->argc - first, req->argv + first);
}

static int load(const struct request *req, struct zonecfg **ret_cfg, struct brand **ret_brand)
{
	struct diag d = {0};
	int r = zonecfg_load(req->zone, ret_cfg, &d);

	if (!r && ret_brand)
		r = (*ret_cfg)->brand ? brand_open((*ret_cfg)->brand, ret_brand, &d)
				      : Z_BRAND_ERROR;
	return r ? complain(req->zone, "%s", d.text[0] ? d.text : zonecfg_strerror(r)) : EXIT_OK;
}

/* ---- detach ---- */

static int detach_dry(struct request *req)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	int r;

	if (req->argc != 2)
		return usage_of(req);
	r = load(req, &cfg, NULL);
	return r ? r : manifest_print(cfg);
}

static int detach(struct request *req, const struct zonecfg *cfg, const struct brand *brand)
{
	static const enum brand_hook hooks[] = {
		BRAND_PREDETACH, BRAND_DETACH, BRAND_POSTDETACH, BRAND_HOOK_COUNT};
	int r = hook_check_options(req, brand, hooks, 1);

	if (!r)
		r = run_hook(req, brand, BRAND_PREDETACH, 1);
	if (!r)
		r = manifest_write(cfg);
	if (r)
		return r;
	r = run_hook(req, brand, BRAND_DETACH, 1);
	if (!r)
		r = index_state(req->zone, ZONE_STATE_CONFIGURED);
	if (r) {
		(void)manifest_remove(req->zone, req->entry.zonepath);
		return r;
	}
	return run_hook(req, brand, BRAND_POSTDETACH, 1);
}

int detach_run(struct request *req)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	_cleanup_lock_ int lock = FD_NONE;
	zone_state_t state;
	int r;

	if (req->argc > 1 && streq(req->argv[1], "-n"))
		return detach_dry(req);
	if (req->argc > 1 && req->argv[1][0] != '-')
		return usage_of(req);
	r = change_begin(req, &lock, &state);
	if (!r)
		r = change_check_state(req, state, ZONE_STATE_INSTALLED);
	if (!r)
		r = change_check_mounts(req);
	if (!r)
		r = zonepath_check_boot(req->zone, req->entry.zonepath);
	if (!r)
		r = load(req, &cfg, &brand);
	return r ? r : detach(req, cfg, brand);
}

/* ---- attach ---- */

struct attach_options {
	bool force;
	const char *manifest; /* -n: what to look at, NULL otherwise */
	int first;	      /* of the brand's arguments */
};

/* Says which of the words after attach -F or attach -n is wrong. */
static int refuse_words(const struct request *req, bool force, bool dry)
{
	int i;

	for (i = 1; i < req->argc; i++) {
		force = force || streq(req->argv[i], "-F");
		dry = dry || streq(req->argv[i], "-n");
	}
	if (force && dry)
		(void)complain(NULL, "'attach': -F and -n exclude each other");
	else if (force)
		(void)complain(NULL, "'%s' takes no argument '%s'", "attach -F", req->argv[2]);
	else
		(void)complain(
			NULL, "'attach -n' needs one manifest: a path, or '-' for standard input");
	return usage_of(req);
}

static int parse_attach(struct request *req, struct attach_options *o)
{
	const char *arg = req->argc > 1 ? req->argv[1] : "";
	bool dry = streq(arg, "-n");

	*o = (struct attach_options){.first = 1};
	o->force = streq(arg, "-F");
	if (dry ? req->argc != 3 || streq(req->argv[2], "-F") : o->force && req->argc > 2)
		return refuse_words(req, o->force, dry);
	if (dry) {
		o->manifest = req->argv[2];
		return EXIT_OK;
	}
	o->first += o->force;
	if (*arg && arg[0] != '-') {
		(void)complain(NULL, "'%s' takes no argument '%s'", req->argv[0], arg);
		return usage_of(req);
	}
	return EXIT_OK;
}

/* Could a zone with this manifest live here? */
static int attach_dry(const struct attach_options *o)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	int r = manifest_read(NULL, o->manifest, &cfg);

	return r ? r : verify_manifest(cfg);
}

static int check_root(const struct request *req)
{
	_cleanup_close_ int dir = zonepath_open(req->entry.zonepath);
	struct stat st;

	if (dir >= 0 && fstatat(dir, "root", &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		S_ISDIR(st.st_mode) && st.st_uid == 0)
		return EXIT_OK;
	return complain(req->zone,
		"there is no zone to attach: '%s/root' must be a directory that belongs to root",
		req->entry.zonepath);
}

static int check_manifest(const struct request *req)
{
	if (manifest_exists(req->entry.zonepath))
		return EXIT_OK;
	return complain(req->zone,
		"zonepath '%s' is not that of a detached zone: it has no %s; attach -F attaches it "
		"unchecked",
		req->entry.zonepath, MANIFEST_NAME);
}

static int attach_forced(const struct request *req)
{
	int r = index_state(req->zone, ZONE_STATE_INSTALLED);

	return r ? r : manifest_remove(req->zone, req->entry.zonepath);
}

static int attach(const struct request *req, const struct brand *brand)
{
	static const enum brand_hook hooks[] = {
		BRAND_PREATTACH, BRAND_ATTACH, BRAND_POSTATTACH, BRAND_HOOK_COUNT};
	int r = hook_check_options(req, brand, hooks, 1);

	if (!r)
		r = run_hook(req, brand, BRAND_PREATTACH, 1);
	if (!r)
		r = run_hook(req, brand, BRAND_ATTACH, 1);
	if (!r)
		r = index_state(req->zone, ZONE_STATE_INSTALLED);
	if (r)
		return r;
	r = run_hook(req, brand, BRAND_POSTATTACH, 1);
	if (r) {
		(void)index_state(req->zone, ZONE_STATE_CONFIGURED);
		return complain(req->zone, "not attached");
	}
	return manifest_remove(req->zone, req->entry.zonepath);
}

int attach_run(struct request *req)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;
	_cleanup_lock_ int lock = FD_NONE;
	struct attach_options o;
	zone_state_t state;
	int r = parse_attach(req, &o);

	if (r)
		return r;
	if (o.manifest)
		return attach_dry(&o);
	r = change_begin(req, &lock, &state);
	if (!r)
		r = change_check_state(req, state, ZONE_STATE_CONFIGURED);
	if (!r)
		r = zonepath_check_boot(req->zone, req->entry.zonepath);
	if (!r)
		r = check_root(req);
	if (r)
		return r;
	if (o.force)
		return attach_forced(req);
	r = check_manifest(req);
	if (!r)
		r = images_hold(req->zone, req->entry.zonepath);
	if (!r)
		r = verify_zone(req, ZONEPATH_QUIET_MISSING | ZONEPATH_DETACHED, &brand);
	return r ? r : attach(req, brand);
}
