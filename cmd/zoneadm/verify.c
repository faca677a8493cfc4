/* SPDX-License-Identifier: MIT */
/* The checks of zoneadm verify; see verify.h. */
#include "zoneadm/verify.h"

#include <dirent.h>
#include <limits.h>

#include "linux/instance.h"
#include "zoneadm/hook.h"
#include "zoneadm/images.h"
#include "zoneadm/state.h"
#include "zoneadm/zonepath.h"

struct report {
	const char *zone;
	int result;
};

/* What the configuration's own rules and those of the brand find. */
static void report_problem(void *arg, int code, const char *text)
{
	struct report *rep = arg;

	(void)complain(rep->zone, "%s%s", code == Z_OK ? "warning: " : "", text);
	if (code != Z_OK)
		rep->result = EXIT_ERR;
}

static int verify_rules(const struct zonecfg *cfg, struct brand **ret_brand)
{
	struct report rep = {.zone = cfg->name, .result = EXIT_OK};
	int r = brand_verify(cfg, report_problem, &rep, ret_brand);

	if (r < 0)
		return complain(cfg->name, "cannot check the configuration: %s", strerror(-r));
	return r ? EXIT_ERR : rep.result;
}

static int verify_datasets(const struct zonecfg *cfg)
{
	struct report rep = {.zone = cfg->name, .result = EXIT_OK};
	char path[PATH_MAX];
	size_t i;

	(void)zonecfg_verify_datasets(cfg, report_problem, &rep);
	for (i = 0; i < cfg->n_datasets; i++)
		if (instance_path(path, sizeof(path), "/%s", cfg->datasets[i].name) < 0 ||
			access(path, F_OK) < 0)
			(void)complain(cfg->name,
				"warning: dataset '%s': there is no subvolume '/%s'; without it the "
				"zone does not boot",
				cfg->datasets[i].name, cfg->datasets[i].name);
	return rep.result;
}

static int verify_zonepath(
	const struct zone_index_entry *e, const struct zonecfg *cfg, unsigned int flags)
{
	int result = EXIT_OK;

	if (!cfg->zonepath || !streq(cfg->zonepath, e->zonepath))
		result = complain(e->name,
			"the configuration says zonepath '%s' and the index '%s'; "
			"'zonecfg -z %s commit' makes them equal",
			cfg->zonepath ? cfg->zonepath : "", e->zonepath, e->name);
	result |= zonepath_check(e->name, e->zonepath, flags);
	result |= zonepath_check_overlap(e);
	if (e->state == ZONE_STATE_CONFIGURED && !(flags & ZONEPATH_DETACHED))
		result |= zonepath_check_free(e->name, e->zonepath);
	return result;
}

int verify_hook(const struct brand *brand, const struct request *req)
{
	int r = hook_run(brand, BRAND_VERIFY_ADM, &req->entry, req->argc, req->argv);

	if (r == HOOK_NONE || r == 0)
		return EXIT_OK;
	return complain(req->zone, "brand '%s' does not accept the zone", brand->name);
}

static void warn_pool(const struct zonecfg *cfg)
{
	char cpus[256];

	if (cfg->pool && zonecfg_pool_cpus(cfg->pool, cpus, sizeof(cpus)) < 0)
		(void)complain(
			cfg->name, "warning: pool '%s' is not in /etc/zones/pools", cfg->pool);
}

int verify_zone(const struct request *req, unsigned int zonepath_flags, struct brand **ret_brand)
{
	const struct zone_index_entry *e = &req->entry;
	_cleanup_(zonecfg_freep) struct zonecfg *cfg = NULL;
	_cleanup_(brand_freep) struct brand *brand = NULL;
	struct diag d = {0};
	int r = zonecfg_load(e->name, &cfg, &d);
	int result;

	if (r) {
		complain_lines(e->name, d.text[0] ? d.text : zonecfg_strerror(r));
		return EXIT_ERR;
	}
	result = verify_zonepath(e, cfg, zonepath_flags);
	result |= verify_rules(cfg, &brand);
	result |= verify_fs(cfg);
	result |= verify_net(cfg);
	result |= verify_datasets(cfg);
	warn_pool(cfg);
	if (brand)
		result |= verify_hook(brand, req);
	if (result == EXIT_OK)
		*ret_brand = TAKE_PTR(brand);
	return result;
}

int verify_config(const struct zonecfg *cfg)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;

	return verify_rules(cfg, &brand);
}

int verify_manifest(const struct zonecfg *cfg)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;
	int result = verify_rules(cfg, &brand);

	result |= verify_fs(cfg);
	result |= verify_net(cfg);
	result |= verify_datasets(cfg);
	return result;
}

int verify_run(struct request *req)
{
	_cleanup_(brand_freep) struct brand *brand = NULL;
	int r = no_arguments(req);

	if (r)
		return r;
	if (req->entry.state == ZONE_STATE_INCOMPLETE)
		return complain(req->zone,
			"verify operation is invalid for zones in state 'incomplete'; uninstall it "
			"first");
	r = verify_zone(req, 0, &brand);
	return req->entry.state == ZONE_STATE_INSTALLED
		       ? r | images_check(req->zone, req->entry.zonepath)
		       : r;
}
