/* SPDX-License-Identifier: MIT */
/*
 * Links of a zone: an exclusive zone's link must exist in the global zone and
 * must not be lent to another zone; a shared zone's interface should be there.
 *
 * Linux: on illumos these are warnings. A zone without its link does not boot
 * here, so verify says so.
 */
#include "zoneadm/verify.h"

#include <net/if.h>

#include "dladm/dladm.h"
#include "zone/zone-calls.h"

/* The name of the zone that a link is in, when that is not the global zone. False: it is at home. */
static bool borrower(datalink_id_t link, char *name, size_t size)
{
	zoneid_t id = ALL_ZONES;
	size_t n;

	if (zone_call_check_datalink(&id, link) < 0 || id == GLOBAL_ZONEID)
		return false;
	return zone_call_getattr(id, ZONE_ATTR_NAME, name, size, &n) == 0;
}

static int check_link(const struct zonecfg *cfg, const char *link)
{
	struct dlmgmt_linkinfo info;
	char name[ZONENAME_MAX];
	int r = dlmgmt_call_getlinkid(link, ALL_ZONES, &info);

	if (r == -ENOENT && dladm_implicit_iptun(link)) /* made when the zone is readied */
		return EXIT_OK;
	if (r == -ENOENT)
		return complain(cfg->name,
			"net: data link '%s' does not exist in the global zone; 'dladm show-link' "
			"lists those that do",
			link);
	if (r == -EBADF)
		return complain(cfg->name,
			"net: cannot check data link '%s': dlmgmtd is not running; start it with "
			"'systemctl start dlmgmtd' or by running dlmgmtd",
			link);
	if (r < 0)
		return complain(
			cfg->name, "net: cannot check data link '%s': %s", link, strerror(-r));
	if (borrower(info.linkid, name, sizeof(name)) && !streq(name, cfg->name))
		return complain(
			cfg->name, "net: data link '%s' is in use by zone '%s'", link, name);
	return EXIT_OK;
}

int verify_net(const struct zonecfg *cfg)
{
	int result = EXIT_OK;
	size_t i;

	for (i = 0; i < cfg->n_nets; i++) {
		const struct zonecfg_net *net = &cfg->nets[i];
		/* With global-nic the link is made when the zone is readied. */
		const char *link = net->global_nic ? net->global_nic : net->physical;

		if (!link || (net->global_nic && streq(link, "auto")))
			continue;
		if (cfg->ip_type == ZS_EXCLUSIVE)
			result |= check_link(cfg, link);
		else if (if_nametoindex(link) == 0)
			(void)complain(cfg->name, "warning: net: there is no interface '%s'", link);
	}
	return result;
}
