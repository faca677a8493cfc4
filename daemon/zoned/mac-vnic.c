/* SPDX-License-Identifier: MIT */
/*
 * VNIC: over an etherstub a veth pair whose far end is a port of the bridge, over
 * a NIC a macvlan in bridge mode. The port is ours and hidden: vp<linkid>, always at
 * home, up from the start, and without IPv6 of the host's. The near end is the user's. A zone
 * gets a veth of either sort, made in its namespace, the port of which is vz<linkid>-<n> at
 * home: for the bridge a port like the other, over a NIC led to the macvlan at home, which stays there, up and hidden
 * (uplink.h, prop.c). So all that a zone sends passes where its root has no say; a macvlan
 * in the zone would send to its neighbours with any address, without a look from outside.
 *
 * Root in a zone controls the name, the MAC address and everything else of the
 * device he was lent. It is therefore recognized by its port, which tells index and
 * namespace of its peer.
 */
#include "zoned/mac.h"

#include "linux/uplink.h"

#include <stdatomic.h>

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
	if (dd->dd_owner_zid == GLOBAL_ZONEID)
		(void)mac_close_ip6(port); /* it only costs */
	r = nl_link_set_flags(home, *ret_port, IFF_UP, IFF_UP);
	if (r < 0) {
		diag_set(d, r, "cannot bring up '%s': %s", port, nl_text(home));
		(void)nl_link_delete(home, *ret_port);
	}
	return r;
}

static int vnic_check(const struct dld_spec *spec, struct diag *d)
{
	return spec->vid <= 4094 ? 0
				 : diag_set(d, -EINVAL, "a VLAN identifier is between 1 and 4094");
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

#define PORT_NAMES 100u /* of one link; with the longest id that is what a name has room for */

/*
 * A name that no other port of the link has, as a rule: the one of its last loan, which may be there
 * still, is some loans ago. Linux: of a "%d" the kernel compares all devices with the name.
 */
static void port_name(const struct devnet *dd, char ret[static IFNAMSIZ])
{
	static atomic_uint next;
	unsigned int n = atomic_fetch_add(&next, 1);

	(void)snprintf(ret, IFNAMSIZ, "vz%u-%u", dd->dd_linkid, n % PORT_NAMES);
}

int mac_veth_create_twin(struct devnet *dd, const char *name, const struct mac_lower *lower,
	int netns, struct nl *home, struct diag *d)
{
	char port[IFNAMSIZ];
	struct nl_birth b = {
		.name = name,
		.mac = dd->dd_mac,
		.mtu = dd->dd_mtu,
		.netns = netns,
		.ifindex = dd->dd_to.ifindex,
		.lower = dd->dd_port ? lower->ifindex : 0,
		.port = port,
		.port_ifindex = dd->dd_twin_port,
		.port_down = true, /* dls_prop_settle() brings it up, behind its rules */
	};
	int r;

	port_name(dd, port);
	r = nl_veth_create_in(home, &b);
	if (r == -EEXIST) { /* by either name */
		(void)snprintf(port, sizeof(port), "vz%u-%%d", dd->dd_linkid);
		r = nl_veth_create_in(home, &b);
	}
	if (r == -EXFULL)
		return diag_set(d, -ENOSPC, "the etherstub has no port left: %d are the most",
			DLS_PORT_LIMIT);
	if (r < 0)
		return diag_set(d, r, "cannot make '%s' in the zone: %s", name, nl_text(home));
	return 0;
}

/* Over a NIC, or of one, the device at home stands for the zone's while that is there. */
static int uplink_close(struct devnet *dd, struct nl *home)
{
	int r = dd->dd_port || !dd->dd_home_ifindex ? 0
						    : nl_uplink_close(home, dd->dd_home_ifindex);

	return r == -ENODEV ? 0 : r;
}

/* Out of the bridge, or down: nobody in the zone can bring that end up again. */
int mac_veth_cut_twin(struct devnet *dd, struct dls_place at, int netns, struct nl *home)
{
	int r = dd->dd_port ? nl_link_set_master(home, dd->dd_twin_port, 0)
			    : nl_link_set_flags(home, dd->dd_twin_port, 0, IFF_UP);

	return r == 0 || r == -ENODEV ? uplink_close(dd, home) : r;
}

/* The other end goes with the port, wherever it is. */
int mac_veth_destroy_twin(struct devnet *dd, struct dls_place at, int netns, struct nl *home)
{
	int r = nl_link_delete(home, dd->dd_twin_port);

	return r == 0 || r == -ENODEV ? uplink_close(dd, home) : r;
}

static int vnic_destroy(struct devnet *dd, struct nl *home)
{
	int ifindex = dd->dd_at.ifindex, r;

	if (!dls_at_home(dd)) {
		ifindex = dd->dd_home_ifindex;
		r = mac_veth_destroy_twin(dd, dd->dd_at, FD_NONE, home);
		if (r < 0)
			return r;
	}
	r = nl_link_delete(home, dd->dd_port ? dd->dd_port : ifindex);
	return r == -ENODEV ? 0 : r;
}

bool mac_veth_ours(const struct devnet_info *i, struct nl *home)
{
	bool at_home = i->at.zone == i->owner_zid;
	struct nl_link port;
	int nsid = -1;

	if (nl_link_get(home, at_home ? i->port : i->twin_port, &port) < 0 ||
		!streq(port.kind, "veth"))
		return false;
	if (!at_home && mac_zone_nsid(home, i->at.zone, &nsid) < 0)
		return false;
	return port.link == i->at.ifindex && port.link_nsid == nsid;
}

static bool vnic_ours(
	const struct devnet_info *i, const struct nl_link *l, struct nl *where, struct nl *home)
{
	if (i->port || i->at.zone != i->owner_zid)
		return mac_veth_ours(i, home);
	return streq(l->kind, "macvlan") && l->link_nsid == -1;
}

static int vnic_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu)
{
	int port = dls_at_home(dd) ? dd->dd_port : dd->dd_twin_port;
	int r = port ? nl_link_set_mtu(home, port, mtu) : 0;

	return r < 0 ? r : nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
}

const struct mac_ops mac_vnic = {
	.class = DATALINK_CLASS_VNIC,
	.noun = "a vnic",
	.lendable = true,
	.in_zone = true,
	.own_mac = true,
	.over = DATALINK_CLASS_PHYS | DATALINK_CLASS_ETHERSTUB | DATALINK_CLASS_AGGR |
		DATALINK_CLASS_SIMNET | DATALINK_CLASS_OVERLAY,
	.check = vnic_check,
	.create = vnic_create,
	.create_twin = mac_veth_create_twin,
	.cut_twin = mac_veth_cut_twin,
	.destroy_twin = mac_veth_destroy_twin,
	.destroy = vnic_destroy,
	.ours = vnic_ours,
	.set_mtu = vnic_set_mtu,
	.get_info = mac_state_over,
};
