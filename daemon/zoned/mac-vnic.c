/* SPDX-License-Identifier: MIT */
/*
 * VNIC: over an etherstub a veth pair whose far end is a port of the bridge, over
 * a NIC a macvlan in bridge mode. The port is ours and hidden: vp<linkid>, always at
 * home, up from the start. The near end is the user's. A zone gets a second one of
 * either sort, made in its namespace, the port of which is vz<linkid>-<n> at home.
 *
 * Root in a zone controls the name, the MAC address and everything else of the
 * device he was lent. A veth is therefore recognized by its port, which tells
 * index and namespace of its peer; a macvlan by its lower device and index.
 */
#include "zoned/mac.h"

static int veth_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	char port[IFNAMSIZ];
	int r;

	(void)snprintf(port, sizeof(port), "vp%u", dd->dd_linkid);
	r = nl_veth_create(
		home, name, dd->dd_mac, port, lower->ifindex, lower->mtu, ret_ifindex, ret_port);
	if (r == -EXFULL)
		return diag_set(d, -ENOSPC, "the etherstub has no port left: %d are the most",
			DLS_PORT_LIMIT);
	if (r < 0)
		return diag_set(d, r, "cannot make veth '%s': %s", name, nl_text(home));
	r = nl_link_set_flags(home, *ret_port, IFF_UP, IFF_UP);
	if (r < 0) {
		diag_set(d, r, "cannot bring up '%s': %s", port, nl_text(home));
		(void)nl_link_delete(home, *ret_port);
	}
	return r;
}

static int vnic_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	int r;

	if (lower->class == DATALINK_CLASS_ETHERSTUB)
		return veth_create(dd, name, lower, home, ret_ifindex, ret_port, d);
	*ret_port = 0;
	r = nl_macvlan_create(home, name, dd->dd_mac, lower->ifindex, ret_ifindex);
	if (r == -EOPNOTSUPP)
		return diag_set(d, r, "the kernel has no macvlan");
	if (r < 0)
		return diag_set(d, r, "cannot make macvlan '%s': %s", name, nl_text(home));
	return 0;
}

/* ---- the device of a zone it is lent to ---- */

static int vnic_create_twin(struct devnet *dd, const char *name, const struct mac_lower *lower,
	int netns, struct nl *home, struct diag *d)
{
	char port[IFNAMSIZ];
	struct nl_birth b = {
		.name = name,
		.mac = dd->dd_mac,
		.mtu = dd->dd_mtu,
		.netns = netns,
		.ifindex = dd->dd_to.ifindex,
		.lower = lower->ifindex,
		.port = port,
		.port_ifindex = dd->dd_twin_port,
		.port_down = true, /* dls_prop_settle() brings it up, behind its rules */
	};
	int r;

	(void)snprintf(port, sizeof(port), "vz%u-%%d", dd->dd_linkid);
	r = dd->dd_twin_port ? nl_veth_create_in(home, &b) : nl_macvlan_create_in(home, &b);
	if (r == -EXFULL)
		return diag_set(d, -ENOSPC, "the etherstub has no port left: %d are the most",
			DLS_PORT_LIMIT);
	if (r < 0)
		return diag_set(d, r, "cannot make '%s' in the zone: %s", name, nl_text(home));
	return 0;
}

static struct nl *take_nl(struct nl **nl)
{
	struct nl *taken = *nl;

	*nl = NULL;
	return taken;
}

/* The zone's macvlan, if it is still what we put there. */
static int find_macvlan(struct dls_place at, int netns, struct nl **ret)
{
	_cleanup_nl_ struct nl *zone = NULL;
	struct nl_link l;
	int r;

	if (netns < 0)
		return -ENODEV;
	r = nl_open(netns, &zone);
	if (r == 0)
		r = nl_link_get(zone, at.ifindex, &l);
	if (r == 0 && !streq(l.kind, "macvlan"))
		r = -ENODEV;
	if (r == 0)
		*ret = take_nl(&zone);
	return r;
}

/* Out of the bridge, or down: while the zone lives its root could bring it up again. */
static int vnic_cut_twin(struct devnet *dd, struct dls_place at, int netns, struct nl *home)
{
	_cleanup_nl_ struct nl *zone = NULL;
	int r;

	if (dd->dd_port) {
		r = dd->dd_twin_port ? nl_link_set_master(home, dd->dd_twin_port, 0) : 0;
	} else {
		r = find_macvlan(at, netns, &zone);
		if (r == 0)
			r = nl_link_set_flags(zone, at.ifindex, 0, IFF_UP);
	}
	return r == -ENODEV ? 0 : r;
}

static int vnic_destroy_twin(struct devnet *dd, struct dls_place at, int netns, struct nl *home)
{
	_cleanup_nl_ struct nl *zone = NULL;
	int r;

	if (dd->dd_port) { /* the other end goes with it, wherever it is */
		r = nl_link_delete(home, dd->dd_twin_port);
	} else {
		r = find_macvlan(at, netns, &zone);
		if (r == 0)
			r = nl_link_delete(zone, at.ifindex);
	}
	return r == -ENODEV ? 0 : r;
}

static int vnic_destroy(struct devnet *dd, struct nl *home)
{
	_cleanup_close_ int netns = FD_NONE;
	int ifindex = dd->dd_at.ifindex, r;

	if (dd->dd_at.zone != GLOBAL_ZONEID) {
		ifindex = dd->dd_home_ifindex;
		(void)zone_netns_fd(dd->dd_at.zone, &netns);
		r = vnic_destroy_twin(dd, dd->dd_at, netns, home);
		if (r < 0)
			return r;
	}
	r = nl_link_delete(home, dd->dd_port ? dd->dd_port : ifindex);
	return r == -ENODEV ? 0 : r;
}

static bool veth_ours(const struct devnet_info *i, struct nl *home)
{
	int of_it = i->at.zone == GLOBAL_ZONEID ? i->port : i->twin_port, nsid;
	struct nl_link port;

	return nl_link_get(home, of_it, &port) == 0 && streq(port.kind, "veth") &&
	       mac_zone_nsid(home, i->at.zone, &nsid) == 0 && port.link == i->at.ifindex &&
	       port.link_nsid == nsid;
}

static bool vnic_ours(
	const struct devnet_info *i, const struct nl_link *l, struct nl *where, struct nl *home)
{
	int nsid = -1;

	if (i->port)
		return veth_ours(i, home);
	if (!streq(l->kind, "macvlan"))
		return false;
	/* Its lower device is at home; a zone cannot make one of those. */
	if (i->at.zone != GLOBAL_ZONEID && nl_nsid_get(where, dls_home(), &nsid) < 0)
		return false;
	return l->link_nsid == nsid;
}

static int vnic_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu)
{
	int port = dd->dd_at.zone == GLOBAL_ZONEID ? dd->dd_port : dd->dd_twin_port;
	int r = port ? nl_link_set_mtu(home, port, mtu) : 0;

	return r < 0 ? r : nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
}

const struct mac_ops mac_vnic = {
	.class = DATALINK_CLASS_VNIC,
	.noun = "a vnic",
	.lendable = true,
	.own_mac = true,
	.over = DATALINK_CLASS_PHYS | DATALINK_CLASS_ETHERSTUB | DATALINK_CLASS_AGGR |
		DATALINK_CLASS_SIMNET | DATALINK_CLASS_OVERLAY,
	.create = vnic_create,
	.create_twin = vnic_create_twin,
	.cut_twin = vnic_cut_twin,
	.destroy_twin = vnic_destroy_twin,
	.destroy = vnic_destroy,
	.ours = vnic_ours,
	.set_mtu = vnic_set_mtu,
	.get_info = mac_state_over,
};
