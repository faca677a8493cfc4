/* SPDX-License-Identifier: MIT */
/*
 * VLAN: an 8021q device over a link, with the address of that. Over an etherstub it is over
 * the bridge itself, and so the host's own end in that VLAN.
 */
#include "zoned/mac.h"

static int vlan_check(const struct dld_spec *spec, struct diag *d)
{
	if (spec->vid < 1 || spec->vid > 4094)
		return diag_set(d, -EINVAL, "a VLAN identifier is between 1 and 4094");
	return 0;
}

static int vlan_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	const struct nl_kind k = {.name = "vlan", .vlan.id = (uint16_t)dd->dd_spec.vid};
	int r = mac_kind_create(dd, name, &k, lower->ifindex, "8021q", home, d);

	if (r < 0)
		return r;
	*ret_ifindex = dd->dd_to.ifindex;
	*ret_port = 0;
	return 0;
}

static int vlan_get_spec(int ifindex, struct nl *where, struct dld_spec *ret)
{
	struct nl_kind k;
	int r = nl_kind_get(where, ifindex, &k);

	if (r == 0)
		ret->vid = k.vlan.id;
	return r;
}

const struct mac_ops mac_vlan = {
	.class = DATALINK_CLASS_VLAN,
	.noun = "a vlan",
	.lendable = true,
	.in_zone = true,
	.over = DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_ETHERSTUB |
		DATALINK_CLASS_SIMNET | DATALINK_CLASS_OVERLAY,
	.kinds = {"vlan"},
	.check = vlan_check,
	.create = vlan_create,
	.destroy = mac_kind_destroy,
	.ours = mac_kind_ours,
	.get_spec = vlan_get_spec,
	.set_mtu = mac_kind_set_mtu,
	.get_info = mac_state_over,
};
