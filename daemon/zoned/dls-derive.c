/* SPDX-License-Identifier: MIT */
/*
 * A link that dlmgmtd has as active and the state file does not know, because the
 * file is lost or damaged: its device is looked for by what we name our devices.
 *
 * At home names are the global zone's root's and can be believed. A vnic's device is
 * there, hidden when a zone has a twin of it, and the ports of both are; so is a simnet's. Of what
 * was made at home and moved into a zone the kernel tells where it was made, which root of the zone
 * cannot claim for a device of his own. It comes home with a new address, and made as it is now.
 * What cannot be found so is a NIC that a zone has: in there names mean nothing.
 */
#include "zoned/mac.h"

#include "linux/log.h"

/* The device <prefix><linkid> of a kind. */
static int find_numbered(struct nl *home, const char *kind, const char *prefix, datalink_id_t id,
	struct nl_link *ret)
{
	char name[IFNAMSIZ];

	(void)snprintf(name, sizeof(name), "%s%u", prefix, id);
	return nl_link_get_name(home, name, ret) == 0 && streq(ret->kind, kind) ? 0 : -ENODEV;
}

/* Hidden, under dl<linkid> or the link's name. */
static int find_device(struct devnet *dd, const char *kind, struct nl *home, struct nl_link *ret)
{
	if (find_numbered(home, kind, "vh", dd->dd_linkid, ret) == 0 ||
		find_numbered(home, kind, "dl", dd->dd_linkid, ret) == 0)
		return 0;
	if (nl_link_get_name(home, dd->dd_linkname, ret) == 0 && streq(ret->kind, kind))
		return 0;
	return -ENODEV;
}

static void take(struct devnet *dd, const struct nl_link *l)
{
	dd->dd_at = (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), l->ifindex};
	dd->dd_home_ifindex = l->ifindex;
	dd->dd_mtu = l->mtu;
	memcpy(dd->dd_mac, l->mac, sizeof(dd->dd_mac));
	memcpy(dd->dd_device, l->name, sizeof(dd->dd_device));
}

/* The link that has a device at home, as the one below another; held for it. */
static int hold_below(struct devnet *dd, int ifindex, uint32_t classes)
{
	struct devnet *lower = dls_devnet_hold_by_ifindex(ifindex), *held;
	struct devnet_info i;
	int r;

	if (!lower)
		return -ENODEV;
	dls_devnet_info(lower, &i);
	dls_devnet_rele_tmp(lower);
	if (!(i.class & classes) || i.at.ifindex != ifindex)
		return -ENODEV;
	r = dls_devnet_hold(i.linkid, &held);
	if (r == 0)
		dd->dd_over = i.linkid;
	return r;
}

struct twin_walk {
	datalink_id_t id;
	int nsid;     /* home's for the zone */
	bool in_port; /* it has to be a port of a bridge */
	struct nl_link port;
};

static int is_twin_port(const struct nl_link *l, void *arg)
{
	struct twin_walk *w = arg;
	unsigned int id;

	if (!dls_twin_is_port(l) || (l->master != 0) != w->in_port || l->link_nsid != w->nsid ||
		sscanf(l->name, "vz%u-", &id) != 1 || id != w->id)
		return 0;
	w->port = *l;
	return 1;
}

/* A zone that has the link has its twin, which a veth's port leads to. */
static int derive_zone(struct devnet *dd, struct nl *home)
{
	_cleanup_close_ int netns = FD_NONE;
	struct twin_walk w = {.id = dd->dd_linkid, .in_port = dd->dd_port != 0};
	struct dls_place at = {0};
	int r;

	if (zone_datalink_owner(dd->dd_linkid, &at.zone) < 0) { /* nobody: to be seen again */
		dls_name_device(dd, home, dd->dd_linkname);
		return 0;
	}
	r = zone_netns_fd(at.zone, &netns);
	if (r == 0)
		r = netns_inode(netns, &at.netns);
	if (r < 0)
		return r;
	if (nl_nsid_get(home, netns, &w.nsid) == 0 && nl_link_each(home, is_twin_port, &w) == 1) {
		dd->dd_twin_port = w.port.ifindex;
		at.ifindex = w.port.link;
	}
	dd->dd_at = at;
	(void)str_copy(dd->dd_device, sizeof(dd->dd_device),
		strlen(dd->dd_linkname) < IFNAMSIZ ? dd->dd_linkname : "");
	return 0;
}

/* A VLAN between the vnic and its link. */
static int tag_below(struct devnet *dd, struct nl *home, int *below)
{
	struct nl_kind k;
	struct nl_link l;
	int r = nl_link_get(home, *below, &l);

	if (r < 0 || !mac_tag_is(&l))
		return r;
	r = nl_kind_get(home, *below, &k);
	if (r < 0)
		return r;
	dd->dd_spec.vid = k.vlan.id;
	*below = l.link;
	return 0;
}

static int derive_vnic(struct devnet *dd, struct nl *home)
{
	uint32_t class = dd->dd_ops->over & ~(uint32_t)DATALINK_CLASS_ETHERSTUB;
	struct nl_link port, l;
	int r, below;

	if (find_numbered(home, "veth", "vp", dd->dd_linkid, &port) == 0) {
		class = DATALINK_CLASS_ETHERSTUB;
		dd->dd_port = port.ifindex;
		r = port.link_nsid == -1 ? nl_link_get(home, port.link, &l) : -ENODEV;
		below = port.master;
	} else {
		r = find_device(dd, "macvlan", home, &l);
		below = l.link;
	}
	if (r < 0)
		return r;
	take(dd, &l);
	r = tag_below(dd, home, &below);
	if (r == 0)
		r = hold_below(dd, below, dd->dd_spec.vid ? dd->dd_ops->over : class);
	return r < 0 ? r : derive_zone(dd, home);
}

static int derive_etherstub(struct devnet *dd, struct nl *home)
{
	struct nl_link l;
	int r = find_device(dd, "bridge", home, &l);

	if (r == 0)
		take(dd, &l);
	return r;
}

struct peer_walk {
	int master, port;
	datalink_id_t id;
};

static int is_peer_port(const struct nl_link *l, void *arg)
{
	struct peer_walk *w = arg;
	int end = 0;

	return l->master == w->master && l->ifindex != w->port &&
	       sscanf(l->name, "vp%u%n", &w->id, &end) == 1 && !l->name[end];
}

/* rtnetlink of the zone that has the link, and the namespace's id there of where it was made. */
static int open_borrower(zoneid_t zone, struct nl **ret, uint64_t *ret_netns, int *ret_home)
{
	_cleanup_close_ int netns = FD_NONE;
	int r = zone_netns_fd(zone, &netns);

	if (r == 0)
		r = netns_inode(netns, ret_netns);
	if (r == 0)
		r = nl_open(netns, ret);
	if (r < 0)
		return r;
	r = nl_nsid_get(*ret, dls_home(), ret_home);
	if (r < 0)
		*ret = nl_close(*ret);
	return r;
}

static void take_lent(struct devnet *dd, zoneid_t zone, uint64_t netns, const struct nl_link *l)
{
	dd->dd_at = (struct dls_place){zone, netns, l->ifindex};
	dd->dd_mtu = l->mtu;
	(void)str_copy(dd->dd_device, sizeof(dd->dd_device),
		strlen(dd->dd_linkname) < IFNAMSIZ ? dd->dd_linkname : "");
}

/* The device that a port at home leads to, here or in the zone that has the link. */
static int take_behind(struct devnet *dd, const struct nl_link *port, struct nl *home)
{
	_cleanup_nl_ struct nl *zone = NULL;
	zoneid_t owner;
	uint64_t netns;
	struct nl_link l;
	int nsid, r;

	if (port->link_nsid == -1) {
		r = nl_link_get(home, port->link, &l);
		if (r == 0)
			take(dd, &l);
		return r;
	}
	r = zone_datalink_owner(dd->dd_linkid, &owner);
	if (r == 0)
		r = open_borrower(owner, &zone, &netns, &nsid);
	if (r == 0)
		r = nl_link_get(zone, port->link, &l);
	if (r == 0 && (l.link_nsid != nsid || l.link != port->ifindex))
		r = -ENODEV;
	if (r == 0)
		take_lent(dd, owner, netns, &l);
	return r;
}

/* Its hidden end leads to the device, the switch that is in to the peer. */
static int derive_simnet(struct devnet *dd, struct nl *home)
{
	struct peer_walk w = {0};
	struct nl_link port;
	int r;

	r = find_numbered(home, "veth", "vp", dd->dd_linkid, &port);
	if (r == 0)
		r = take_behind(dd, &port, home);
	if (r < 0)
		return r;
	dd->dd_port = w.port = port.ifindex;
	w.master = port.master;
	if (w.master && nl_link_each(home, is_peer_port, &w) == 1)
		dd->dd_spec.peer = w.id;
	return 0;
}

struct lent_walk {
	const struct devnet *dd;
	int nsid; /* home's in the zone */
	struct dls_place at;
	unsigned int found;
	struct nl_link device;
};

/* Another link has it. */
static bool is_taken(struct dls_place at)
{
	struct devnet **all;
	struct devnet_info i;
	bool taken = false;
	size_t count;

	if (dls_devnet_snapshot(&all, &count) < 0)
		return true;
	for (size_t n = 0; n < count; n++) {
		dls_devnet_info(all[n], &i);
		taken = taken || (i.at.netns == at.netns && i.at.ifindex == at.ifindex);
	}
	dls_devnet_snapshot_free(all, count);
	return taken;
}

static int may_be_lent(const struct nl_link *l, void *arg)
{
	struct lent_walk *w = arg;

	w->at.ifindex = l->ifindex;
	if (!mac_is_kind(w->dd->dd_ops, l->kind) || l->link_nsid != w->nsid || is_taken(w->at))
		return 0;
	w->found++;
	w->device = *l;
	return 0;
}

/* In a zone: by its name, or as the only one of its kind that came from home. */
static int derive_lent(struct devnet *dd, zoneid_t owner, struct nl *home)
{
	_cleanup_nl_ struct nl *zone = NULL;
	struct lent_walk w = {.dd = dd, .at.zone = owner};
	struct nl_link l;
	int r;

	r = open_borrower(owner, &zone, &w.at.netns, &w.nsid);
	if (r == 0 && nl_link_get_name(zone, dd->dd_linkname, &l) == 0)
		(void)may_be_lent(&l, &w);
	if (r == 0 && w.found == 0)
		r = nl_link_each(zone, may_be_lent, &w);
	if (r == 0)
		r = w.found == 1 ? dd->dd_ops->get_spec(w.device.ifindex, zone, &dd->dd_spec)
				 : -ENODEV;
	if (r == 0 && dd->dd_ops->over)
		r = hold_below(dd, w.device.link, dd->dd_ops->over);
	if (r == 0)
		take_lent(dd, owner, w.at.netns, &w.device);
	return r;
}

/* One that the kernel can tell everything of. */
static int derive_kind(struct devnet *dd, struct nl *home)
{
	struct nl_link l = {0};
	zoneid_t owner;
	int r = -ENODEV;

	if (zone_datalink_owner(dd->dd_linkid, &owner) == 0)
		return derive_lent(dd, owner, home);
	for (size_t n = 0; n < ARRAY_SIZE(dd->dd_ops->kinds) && dd->dd_ops->kinds[n] && r < 0; n++)
		r = find_device(dd, dd->dd_ops->kinds[n], home, &l);
	if (r == 0)
		r = dd->dd_ops->get_spec(l.ifindex, home, &dd->dd_spec);
	if (r < 0)
		return r;
	take(dd, &l);
	return dd->dd_ops->over ? hold_below(dd, l.link, dd->dd_ops->over) : 0;
}

int dls_derive(datalink_id_t id, struct nl *home)
{
	struct dls_linkinfo info;
	struct devnet *dd;
	int r;

	r = dls_mgmt_get_linkinfo(id, &info);
	if (r == 0)
		r = dls_devnet_new(info.class, &dd);
	if (r < 0)
		return r;
	dd->dd_linkid = id;
	dd->dd_mactype = VNIC_MAC_ADDR_TYPE_AUTO;
	memcpy(dd->dd_linkname, info.name, sizeof(dd->dd_linkname));
	if (info.class == DATALINK_CLASS_ETHERSTUB)
		r = derive_etherstub(dd, home);
	else if (info.class == DATALINK_CLASS_VNIC)
		r = derive_vnic(dd, home);
	else if (info.class == DATALINK_CLASS_SIMNET)
		r = derive_simnet(dd, home);
	else if (dd->dd_ops->kinds[0])
		r = derive_kind(dd, home);
	else
		r = -ENODEV;
	if (r == 0)
		r = dls_devnet_insert(dd); /* cannot fail: the caller found no such id */
	if (r < 0) {
		dls_devnet_free(dd);
		return r;
	}
	if (dd->dd_at.zone != GLOBAL_ZONEID)
		dd->dd_ref++;
	dls_devnet_ready(dd);
	log_line(LOG_NOTICE, "link=%s: Found again by its device", info.name);
	return 0;
}
