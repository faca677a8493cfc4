/* SPDX-License-Identifier: MIT */
/*
 * Bridge: a bridge of the kernel with spanning tree, up, the ports of which are NICs, aggrs
 * and simnets. Its device is the link by which it can be observed, <bridge>0.
 *
 * Linux: the kernel's own spanning tree is that of 802.1D-1998, without rapid transitions; and a
 * bridge cannot leave its network namespace.
 */
#include "zoned/mac.h"

#define CENTI 100u /* the kernel's times are in hundredths of a second */

static int bridge_check(const struct dld_spec *spec, struct diag *d)
{
	const struct dld_bridge *b = &spec->bridge;

	if (b->priority > 61440 || b->priority % 4096)
		return diag_set(d, -EINVAL, "priority is a multiple of 4096 up to 61440");
	if (b->max_age < 6 || b->max_age > 40)
		return diag_set(d, -EINVAL, "maximum age is between 6 and 40 seconds");
	if (b->hello_time < 1 || b->hello_time > 10)
		return diag_set(d, -EINVAL, "hello time is between 1 and 10 seconds");
	if (b->forward_delay < 4 || b->forward_delay > 30)
		return diag_set(d, -EINVAL, "forward delay is between 4 and 30 seconds");
	if (2 * (b->forward_delay - 1) < b->max_age)
		return diag_set(d, -EINVAL, "2 * (forward delay - 1) is less than maximum age");
	if (b->max_age < 2 * (b->hello_time + 1))
		return diag_set(d, -EINVAL, "maximum age is less than 2 * (hello time + 1)");
	return 0;
}

static struct nl_kind bridge_kind(const struct dld_spec *spec)
{
	const struct dld_bridge *b = &spec->bridge;

	return (struct nl_kind){
		.name = "bridge",
		.bridge = {.stp = true,
			.priority = (uint16_t)b->priority,
			.max_age = b->max_age * CENTI,
			.hello_time = b->hello_time * CENTI,
			.forward_delay = b->forward_delay * CENTI},
	};
}

static int bridge_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	const struct nl_kind k = bridge_kind(&dd->dd_spec);
	int ifindex = dd->dd_to.ifindex, r;

	r = mac_kind_create(dd, name, &k, 0, "bridge", home, d);
	if (r < 0)
		return r;
	r = nl_link_set_flags(home, ifindex, IFF_UP, IFF_UP);
	if (r < 0) {
		diag_set(d, r, "cannot bring up '%s': %s", name, nl_text(home));
		(void)nl_link_delete(home, ifindex);
		return r;
	}
	*ret_ifindex = ifindex;
	*ret_port = 0;
	return 0;
}

static int bridge_modify(
	struct devnet *dd, const struct dld_spec *spec, struct nl *home, struct diag *d)
{
	struct nl_kind k = bridge_kind(spec), was = bridge_kind(&dd->dd_spec);
	int r;

	r = nl_kind_change(home, dd->dd_at.ifindex, &k);
	if (r == 0)
		return 0;
	diag_set(d, r, "%s", nl_text(home));
	(void)nl_kind_change(home, dd->dd_at.ifindex, &was);
	return r;
}

static int bridge_get_spec(int ifindex, struct nl *where, struct dld_spec *ret)
{
	struct nl_kind k;
	int r = nl_kind_get(where, ifindex, &k);

	if (r < 0)
		return r;
	ret->bridge = (struct dld_bridge){
		.priority = k.bridge.priority,
		.max_age = k.bridge.max_age / CENTI,
		.hello_time = k.bridge.hello_time / CENTI,
		.forward_delay = k.bridge.forward_delay / CENTI,
	};
	return 0;
}

/* The first port gives a bridge its MTU, the others have to have the same. */
static int bridge_join(struct devnet *dd, struct devnet *port, const struct nl_link *l,
	struct nl *home, struct diag *d)
{
	struct nl_link bridge;
	int r = nl_link_get(home, dd->dd_at.ifindex, &bridge);

	if (r < 0)
		return diag_set(d, r, "the device of '%s' is gone", dd->dd_linkname);
	if (mac_kind_busy(dd, home, NULL) == -EBUSY && bridge.mtu != l->mtu)
		return diag_set(d, -EINVAL, "mtu of '%s' is %u, that of the bridge is %u",
			port->dd_linkname, l->mtu, bridge.mtu);
	r = nl_link_set_flags(home, l->ifindex, IFF_UP, IFF_UP);
	return r < 0 ? diag_set(d, r, "cannot bring up '%s': %s", l->name, nl_text(home)) : 0;
}

static void bridge_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	mac_state(l, ret);
	ret->mtu_default = 1500;
}

const struct mac_ops mac_bridge = {
	.class = DATALINK_CLASS_BRIDGE,
	.noun = "a bridge",
	.own_mac = true,
	.ports = DATALINK_CLASS_PHYS | DATALINK_CLASS_AGGR | DATALINK_CLASS_SIMNET |
		 DATALINK_CLASS_OVERLAY,
	.kinds = {"bridge"},
	.check = bridge_check,
	.create = bridge_create,
	.destroy = mac_kind_destroy,
	.busy = mac_kind_busy,
	.ours = mac_kind_ours,
	.modify = bridge_modify,
	.get_spec = bridge_get_spec,
	.join = bridge_join,
	.set_mtu = mac_kind_set_mtu,
	.get_info = bridge_get_info,
};
