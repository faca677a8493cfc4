/* SPDX-License-Identifier: MIT */
/*
 * dladm rename-link, in its four cases:
 *
 *   link -> name that no link has: zoned renames device and link together, or dlmgmtd
 *	 alone when the link has no device
 *   NIC -> link of a NIC that was removed: the NIC takes over id and configuration
 *   name that no link has -> link of a NIC that was removed: the device of that name
 *	 will take it over when it comes
 *
 * A take-over that was cut off is finished by saying it again.
 */
#include "dladm-cmd.h"
#include "zone/zone-calls.h"

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

int do_rename_link(int argc, char *argv[])
{
	struct dlmgmt_linkinfo link;
	struct diag d = {0};
	const char *from, *to;
	int r;

	if (getopt(argc, argv, "") != -1 || argc - optind != 2)
		usage(argv[0]);
	from = argv[optind];
	to = argv[optind + 1];
	link_name_check(from);
	link_name_check(to);
	r = dlmgmt_call_getlinkid(from, ALL_ZONES, &link);
	if (r == 0)
		r = rename_existing(&link, to, &d);
	else if (r == -ENOENT)
		r = rename_missing(from, to);
	if (r < 0)
		die_status(dladm_errno2status(r), &d, "rename of %s to %s failed", from, to);
	return 0;
}
