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

#include "dladm/property.h"
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

/* over: a vnic is to be made over it, so it stays where it is. */
static int check_link(const struct zonecfg *cfg, const char *link, bool over, uint32_t *ret_class)
{
	struct dlmgmt_linkinfo info;
	char name[ZONENAME_MAX];
	int r = dlmgmt_call_getlinkid(link, ALL_ZONES, &info);

	if (r == -ENOENT && !over && dladm_implicit_iptun(link)) /* made when the zone is readied */
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
	*ret_class = info.link_class;
	if (over)
		return EXIT_OK;
	if (borrower(info.linkid, name, sizeof(name)) && !streq(name, cfg->name))
		return complain(
			cfg->name, "net: data link '%s' is in use by zone '%s'", link, name);
	return EXIT_OK;
}

/* Which properties there are depends on what the link is. */
static int check_props(const struct zonecfg *cfg, const struct zonecfg_net *net, uint32_t class)
{
	const struct dladm_property *p;
	int result = EXIT_OK;
	size_t i;

	for (i = 0; i < net->n_props; i++) {
		p = dladm_property_find(net->props[i].name);
		if (p && !(p->classes & class))
			result |= complain(cfg->name, "net: '%s' is a %s, which has no property %s",
				net->physical, dladm_class2str(class), p->name);
	}
	return result;
}

/* What a vnic can be over. */
#define OVER                                                                                       \
	(DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_ETHERSTUB |                    \
		DATALINK_CLASS_OVERLAY | DATALINK_CLASS_SIMNET)

/* Several net resources may name one link: the first says where it comes from. */
static const struct zonecfg_net *first_of(const struct zonecfg *cfg, const char *physical)
{
	const struct zonecfg_net *net = cfg->nets;

	while (!net->physical || !streq(net->physical, physical))
		net++;
	return net;
}

static int check_exclusive(const struct zonecfg *cfg, const struct zonecfg_net *net)
{
	const struct zonecfg_net *first = first_of(cfg, net->physical);
	const char *nic = first->global_nic;
	uint32_t class = 0;
	int result = EXIT_OK;

	if (!nic)
		result = check_link(cfg, net->physical, false, &class);
	else if (!streq(nic, "auto"))
		result = check_link(cfg, nic, true, &class);
	if (nic && class && !(class & OVER))
		result |= complain(cfg->name, "net: no vnic can be over '%s' (global-nic), a %s",
			nic, dladm_class2str(class));
	/* the link that the zone gets is a vnic, which is made when it is readied */
	if (nic)
		class = DATALINK_CLASS_VNIC;
	return class ? result | check_props(cfg, net, class) : result;
}

/* Without zoned nobody can tell; the boot will. */
static int check_stack(const struct zonecfg *cfg)
{
	struct diag d = {0};
	int r = zone_call_stack_check(&d);

	if (r != -EOPNOTSUPP)
		return EXIT_OK;
	return complain(cfg->name, "%s", d.text[0] ? d.text : "ip-type shared: not on this host");
}

int verify_net(const struct zonecfg *cfg)
{
	int result = cfg->ip_type == ZS_SHARED ? check_stack(cfg) : EXIT_OK;
	size_t i;

	for (i = 0; i < cfg->n_nets; i++) {
		const struct zonecfg_net *net = &cfg->nets[i];

		if (!net->physical)
			continue;
		if (cfg->ip_type == ZS_EXCLUSIVE)
			result |= check_exclusive(cfg, net);
		else if (if_nametoindex(net->physical) == 0)
			(void)complain(cfg->name, "warning: net: there is no interface '%s'",
				net->physical);
	}
	return result;
}
