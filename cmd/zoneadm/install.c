/* SPDX-License-Identifier: MIT */
/*
 * zoneadm install; see install.h.
 *
 * Order: verify, make the zonepath, index says incomplete, brand's hook, index
 * says installed, brand's postinstall. A hook that ends with 254 left nothing
 * behind: the zonepath is emptied and the zone is configured again. After any
 * other failure it stays incomplete, which uninstall mends.
 */
#include "zoneadm/install.h"

#include "zoneadm/change.h"
#include "zoneadm/hook.h"
#include "zoneadm/lock.h"
#include "zoneadm/verify.h"
#include "zoneadm/zonepath.h"

static int check_state(const struct request *req, zone_state_t state)
{
	if (state == ZONE_STATE_CONFIGURED)
		return EXIT_OK;
	if (state == ZONE_STATE_INSTALLED)
		return complain(req->zone, "zone is already installed");
	return complain(req->zone, "install operation is invalid for zones in state '%s'%s",
		zone_state_str(state),
		state == ZONE_STATE_INCOMPLETE ? "; uninstall it first" : "");
}

/* The brand says which option letters its hook takes. */
static int check_options(const struct request *req, const struct brand *brand)
{
	const char *letters = brand->installopts ? brand->installopts : "";
	const char *arg = req->argc > 1 ? req->argv[1] : NULL;

	if (!arg || (*letters && (arg[0] != '-' || strchr(letters, arg[1]))))
		return EXIT_OK;
	(void)complain(
		req->zone, "brand '%s' takes no %s option '%s'", brand->name, req->sub->name, arg);
	return usage_of(req);
}

static bool asks_for_help(const struct request *req)
{
	return req->argc == 2 && (streq(req->argv[1], "-?") || streq(req->argv[1], "-h") ||
					 streq(req->argv[1], "--help"));
}

/* install -?: the brand's hook says what it takes. Nothing is checked, locked or made, in any state. */
static int show_help(const struct request *req)
{
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	char *const ask[] = {(char *)"-?", NULL};
	struct diag d = {0};
	int r = zonecfg_load(req->zone, &cfg, &d);

	if (!r)
		r = cfg->brand ? brand_open(cfg->brand, &brand, &d) : Z_BRAND_ERROR;
	if (r)
		return complain(req->zone, "%s", d.text[0] ? d.text : zonecfg_strerror(r));
	if (!brand->installopts || !strchr(brand->installopts, '?'))
		return check_options(req, brand);
	r = hook_run(brand, BRAND_INSTALL, &req->entry, 1, ask);
	return r == 0 || r == HOOK_USAGE ? EXIT_OK : EXIT_ERR;
}

static int back_to_configured(const struct request *req, int result)
{
	if (zonepath_remove(&req->entry) || index_state(req->zone, ZONE_STATE_CONFIGURED))
		return EXIT_ERR;
	(void)complain(req->zone, "not installed; nothing is left to clean up");
	return result;
}

static int run_install_hook(const struct request *req, const struct brand *brand)
{
	int r = hook_run(brand, BRAND_INSTALL, &req->entry, req->argc - 1, req->argv + 1);

	switch (r) {
	case HOOK_NONE:
	case 0:
		return EXIT_OK;
	case HOOK_USAGE:
		return back_to_configured(req, EXIT_USAGE);
	case HOOK_UNDONE:
		return back_to_configured(req, EXIT_ERR);
	default:
		return complain(req->zone,
			"the installation failed and the zone is incomplete; "
			"'zoneadm -z %s uninstall' removes what is there",
			req->zone);
	}
}

static int finish(const struct request *req, const struct brand *brand)
{
	int r = index_state(req->zone, ZONE_STATE_INSTALLED);

	if (r)
		return r;
	r = hook_run(brand, BRAND_POSTINSTALL, &req->entry, req->argc - 1, req->argv + 1);
	if (r == HOOK_NONE || r == 0)
		return EXIT_OK;
	return complain(req->zone, "installed, but the brand's postinstall hook failed");
}

int install_run(struct request *req)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;
	_cleanup_lock_ int lock = FD_NONE;
	zone_state_t state;
	int r;

	if (asks_for_help(req)) {
		r = request_resolve(req);
		return r ? r : show_help(req);
	}
	r = change_begin(req, &lock, &state);
	if (!r)
		r = check_state(req, state);
	if (!r)
		r = verify_zone(req, ZONEPATH_REPAIR | ZONEPATH_QUIET_MISSING, &brand);
	if (!r)
		r = check_options(req, brand);
	if (!r)
		r = zonepath_check(req->zone, req->entry.zonepath, ZONEPATH_REPAIR | ZONEPATH_MAKE);
	if (!r)
		r = index_state(req->zone, ZONE_STATE_INCOMPLETE);
	if (!r)
		r = run_install_hook(req, brand);
	return r ? r : finish(req, brand);
}
