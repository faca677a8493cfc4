/* SPDX-License-Identifier: MIT */
/*
 * Physical link: a NIC that the host already has. Never made, destroyed or
 * renamed by us; its link name is an alternative name of the device. Its twin is that of a vnic.
 */
#include "zoned/mac.h"

#include "linux/ethnl.h"

#include <linux/ethtool.h>

const struct mac_ops *mac_of_class(uint32_t class)
{
	static const struct mac_ops *const drivers[] = {&mac_phys, &mac_etherstub, &mac_vnic,
		&mac_vlan, &mac_aggr, &mac_bridge, &mac_simnet, &mac_iptun, &mac_overlay};

	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (drivers[i]->class == class)
			return drivers[i];
	}
	return NULL;
}

int mac_phys_speed(int netns, int ifindex, uint64_t *ret_speed, uint32_t *ret_duplex)
{
	_cleanup_nl_ struct nl *eth = NULL;
	struct ethnl_link l;
	int r = ethnl_open(netns, &eth);

	if (r == 0)
		r = ethnl_link_get(eth, ifindex, &l);
	if (r < 0)
		return r;
	*ret_speed = (uint64_t)l.speed * 1000000u;
	*ret_duplex = l.duplex == DUPLEX_FULL	? LINK_DUPLEX_FULL
		      : l.duplex == DUPLEX_HALF ? LINK_DUPLEX_HALF
						: LINK_DUPLEX_UNKNOWN;
	return 0;
}

static int phys_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu)
{
	int r;

	if (dls_at_home(dd) || !dls_twin_has(dd))
		return nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
	r = nl_link_set_mtu(home, dd->dd_home_ifindex, mtu);
	if (r == 0)
		r = nl_link_set_mtu(home, dd->dd_twin_port, mtu);
	return r < 0 ? r : nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
}

/* Of a NIC itself the index is proof enough. */
static bool phys_ours(
	const struct devnet_info *i, const struct nl_link *l, struct nl *where, struct nl *home)
{
	return i->at.zone == GLOBAL_ZONEID || !i->twin_port || mac_veth_ours(i, home);
}

static void phys_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	_cleanup_close_ int netns = FD_NONE;
	bool twin = i->at.zone != GLOBAL_ZONEID && i->twin_port;
	struct nl *home = NULL;
	struct nl_link nic;

	if (twin && dls_view_nl(view, GLOBAL_ZONEID, &home) == 0 &&
		nl_link_get(home, i->home_ifindex, &nic) == 0)
		l = &nic;
	if (l->flags & IFF_UP)
		ret->state = l->carrier ? LINK_STATE_UP : LINK_STATE_DOWN;
	else
		ret->state = LINK_STATE_UNKNOWN; /* Linux: a NIC that is down tells no carrier */
	ret->mtu_default = 1500;
	if (i->at.zone != GLOBAL_ZONEID && !twin && zone_netns_fd(i->at.zone, &netns) < 0)
		return;
	(void)mac_phys_speed(netns, l->ifindex, &ret->speed, &ret->duplex);
}

const struct mac_ops mac_phys = {
	.class = DATALINK_CLASS_PHYS,
	.noun = "a physical link",
	.lendable = true,
	.create_twin = mac_veth_create_twin,
	.cut_twin = mac_veth_cut_twin,
	.destroy_twin = mac_veth_destroy_twin,
	.ours = phys_ours,
	.set_mtu = phys_set_mtu,
	.get_info = phys_get_info,
};
