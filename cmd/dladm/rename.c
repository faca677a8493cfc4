/* SPDX-License-Identifier: MIT */
/*
 * dladm rename-link, in its five cases:
 *
 *   link -> name that no link has: zoned renames device and link together, or dlmgmtd
 *	 alone when the link has no device
 *   NIC -> link of a NIC that was removed: the NIC takes over id and configuration
 *   name that no link has -> link of a NIC that was removed: the device of that name
 *	 will take it over when it comes
 *
 *   with -z, a link that was lent to a zone which is ready: it gets another name there and, when it
 *	 comes home, here. One that a net resource of the zone names is looked for by that
 *	 name until the zone halts, and keeps it.
 *
 * A take-over that was cut off is finished by saying it again.
 */
#include "dladm-cmd.h"
#include "dladm/flow.h"
#include "linux/instance.h"
#include "zone/zone-calls.h"
#include "zonecfg/snapshot.h"

#include <limits.h>

#define TRIES 8 /* when others change the same configuration */

static bool removed_nic(const struct dlmgmt_linkinfo *link)
{
	return link->link_class == DATALINK_CLASS_PHYS && (link->flags & DLMGMT_PERSIST) &&
	       !(link->flags & DLMGMT_ACTIVE);
}

/* The number behind the name of a device, which dlmgmtd keeps as its instance. */
static uint64_t device_instance(const char *device)
{
	size_t n = strlen(device);

	while (n > 0 && device[n - 1] >= '0' && device[n - 1] <= '9')
		n--;
	return strtoull(device + n, NULL, 10);
}

static int conf_set_device(datalink_id_t linkid, const char *device)
{
	uint32_t confid;
	int r, tries = TRIES;

	do {
		r = dlmgmt_call_readconf(linkid, &confid);
		if (r < 0)
			return r;
		r = dlmgmt_call_setattr_str(confid, DLADM_ATTR_DEVNAME, device);
		if (r == 0)
			r = dlmgmt_call_setattr_u64(
				confid, DLADM_ATTR_PHYINST, device_instance(device));
		if (r == 0)
			r = dlmgmt_call_writeconf(confid);
		(void)dlmgmt_call_destroyconf(confid);
	} while (r == -EAGAIN && --tries > 0);
	return r;
}

/* zoned has done it when an earlier attempt was cut off behind that step. */
static int device_renumber(
	const struct dlmgmt_linkinfo *nic, const struct dlmgmt_linkinfo *to, struct diag *d)
{
	struct dld_linkinfo_reply info;
	int r = dld_call_rename(nic->linkid, to->linkid, to->name, d);

	if (r == -ENOENT && dld_call_linkinfo(to->linkid, &info) == 0) {
		d->text[0] = '\0';
		return 0;
	}
	return r;
}

/* Each step can be found done by an earlier attempt, and the next one is told by what is left. */
static int take_over(
	const struct dlmgmt_linkinfo *nic, const struct dlmgmt_linkinfo *to, struct diag *d)
{
	char device[MAXLINKNAMELEN];
	int r;

	if (!link_attr_str(nic->linkid, DLADM_ATTR_DEVNAME, device, sizeof(device)))
		return -ENOENT;
	r = device_renumber(nic, to, d);
	if (r == 0)
		r = conf_set_device(to->linkid, device);
	if (r == 0)
		r = dlmgmt_call_destroy_linkid(nic->linkid, DLMGMT_ACTIVE | DLMGMT_PERSIST);
	return r == 0 ? dlmgmt_call_up_linkid(to->linkid) : r;
}

static int flow_step(const struct flow_line *line, void *arg)
{
	return streq(line->link, arg) ? 1 : 0;
}

/* Flows are configured by the link's name. Of one that is up zoned knows; a file that cannot be read names all. */
static bool has_flows(const char *link)
{
	char path[PATH_MAX];
	int r = instance_path(path, sizeof(path), FLOW_CONF);

	if (r == 0)
		r = flow_file_each(path, flow_step, NULL, (void *)link);
	return r != 0;
}

static int rename_existing(const struct dlmgmt_linkinfo *link, const char *name, struct diag *d)
{
	char bridge[MAXLINKNAMELEN];
	struct dlmgmt_linkinfo to;
	int r = dlmgmt_call_getlinkid(name, ALL_ZONES, &to);

	if (r == 0 && link->link_class == DATALINK_CLASS_PHYS && (link->flags & DLMGMT_ACTIVE) &&
		removed_nic(&to))
		return take_over(link, &to, d);
	if (r == 0)
		return -EEXIST;
	if (r != -ENOENT)
		return r;
	if (link->link_class == DATALINK_CLASS_BRIDGE && !dladm_bridge_of_link(name, bridge))
		return diag_set(d, -EINVAL,
			"the link of a bridge has its name, which ends with a letter, and a 0");
	if (link->flags & DLMGMT_ACTIVE)
		return dld_call_rename(link->linkid, DATALINK_INVALID_LINKID, name, d);
	if (has_flows(link->name))
		return diag_set(d, -EBUSY, "'%s' has flows", link->name);
	return dlmgmt_call_remap_linkid(link->linkid, name);
}

static int rename_missing(const char *device, const char *name)
{
	struct dld_linkinfo_reply info;
	struct dlmgmt_linkinfo to;
	int r = dlmgmt_call_getlinkid(name, ALL_ZONES, &to);

	if (r < 0 || !removed_nic(&to))
		return -ENOENT;
	r = conf_set_device(to.linkid, device);
	if (r == 0 && dld_call_linkinfo(to.linkid, &info) == 0) /* a take-over was cut off */
		r = dlmgmt_call_up_linkid(to.linkid);
	return r;
}

static bool named_by_net(const char *zone, const char *name)
{
	struct zone_snapshot s;
	char path[PATH_MAX];
	bool found = false;
	int r = instance_path(path, sizeof(path), INSTANCE_RUN "/%s.snapshot", zone);

	if (r == 0)
		r = zone_snapshot_read(path, &s, NULL);
	if (r < 0)
		die("zone '%s': cannot tell which links its net resources name: %s", zone,
			strerror(-r));
	for (size_t i = 0; i < s.n_nets; i++)
		found = found || streq(s.nets[i].physical, name);
	zone_snapshot_fini(&s);
	return found;
}

static int rename_lent(const char *zone, const char *from, const char *to)
{
	zoneid_t zoneid = zone_option(zone);
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	int r;

	if (zoneid == GLOBAL_ZONEID)
		die("-z is for links that a zone was lent");
	link_lookup(from, zoneid, &link);
	if (named_by_net(zone, from))
		die("rename of %s to %s failed: a net resource of zone '%s' names it; change "
		    "'physical' there",
			from, to, zone);
	r = dld_call_rename_lent(link.linkid, zoneid, to, &d);
	if (r < 0)
		die_status(dladm_errno2status(r), &d, "rename of %s to %s failed", from, to);
	return 0;
}

int do_rename_link(int argc, char *argv[])
{
	const char *from, *to, *zone = NULL;
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	int opt, r;

	while ((opt = getopt(argc, argv, "z:")) != -1) {
		if (opt != 'z')
			usage(argv[0]);
		zone = optarg;
	}
	if (argc - optind != 2)
		usage(argv[0]);
	from = argv[optind];
	to = argv[optind + 1];
	link_name_check(from);
	link_name_check(to);
	if (zone)
		return rename_lent(zone, from, to);
	r = dlmgmt_call_getlinkid(from, ALL_ZONES, &link);
	if (r == 0)
		r = rename_existing(&link, to, &d);
	else if (r == -ENOENT)
		r = rename_missing(from, to);
	if (r < 0)
		die_status(dladm_errno2status(r), &d, "rename of %s to %s failed", from, to);
	return 0;
}
