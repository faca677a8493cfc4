/* SPDX-License-Identifier: MIT */
/*
 * Etherstub: a switch without a wire. A bridge, up, without an address of its
 * own and without spanning tree; a MAC address of its own keeps it from changing
 * with every port. Nothing on the host is told to route or filter over it, and the
 * host's IP does not listen on it: a zone's router advertisement would make routes there.
 *
 * Linux: a bridge cannot leave its network namespace, so an etherstub cannot be
 * given to a zone.
 */
#include "zoned/mac.h"

#define ETHERSTUB_MTU 1500

/*
 * A bridge whose MTU nobody ever set takes the smallest of its ports'. One that was
 * set keeps it, and setting the value it has already does not count.
 */
static int pin_mtu(struct nl *home, int ifindex)
{
	int r = nl_link_set_mtu(home, ifindex, ETHERSTUB_MTU + 1);

	return r < 0 ? r : nl_link_set_mtu(home, ifindex, ETHERSTUB_MTU);
}

static int etherstub_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	int ifindex, r;

	r = nl_bridge_create(home, name, dd->dd_mac, &ifindex);
	if (r < 0)
		return diag_set(d, r, "cannot make bridge '%s': %s", name, nl_text(home));
	r = pin_mtu(home, ifindex);
	if (r == 0 && dd->dd_owner_zid == GLOBAL_ZONEID) /* a zone's IP is the zone's to set up */
		r = mac_close_ip6(name);
	if (r == 0) /* and no answer to who has an address of the host */
		r = nl_link_set_flags(home, ifindex, IFF_UP | IFF_NOARP, IFF_UP | IFF_NOARP);
	if (r < 0) {
		diag_set(d, r, "cannot set up bridge '%s': %s", name, nl_text(home));
		(void)nl_link_delete(home, ifindex);
		return r;
	}
	*ret_ifindex = ifindex;
	*ret_port = 0;
	return 0;
}

static int etherstub_destroy(struct devnet *dd, struct nl *home)
{
	int r = nl_link_delete(home, dd->dd_at.ifindex);

	return r == -ENODEV ? 0 : r;
}

static int is_port(const struct nl_link *l, void *arg)
{
	return l->master == *(int *)arg ? 1 : 0;
}

/* Its vnics hold it by reference; what is left are ports that somebody else put there. */
static int etherstub_busy(struct devnet *dd, struct nl *home, struct diag *d)
{
	int r = nl_link_each(home, is_port, &dd->dd_at.ifindex);
	uint32_t ref;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	ref = dd->dd_ref;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (r > 0 && ref > 1)
		return diag_set(d, -EBUSY, "'%s' has links over it", dd->dd_linkname);
	if (r > 0)
		return diag_set(d, -EBUSY, "'%s' has ports that are not vnics", dd->dd_linkname);
	return r;
}

static int etherstub_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu)
{
	return nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
}

static void etherstub_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	/* A switch is up when it forwards; the bridge's own carrier only says whether it has ports. */
	ret->state = l->flags & IFF_UP ? LINK_STATE_UP : LINK_STATE_DOWN;
	ret->mtu_default = ETHERSTUB_MTU;
}

const struct mac_ops mac_etherstub = {
	.class = DATALINK_CLASS_ETHERSTUB,
	.noun = "an etherstub",
	.lendable = false,
	.in_zone = true,
	.own_mac = true,
	.create = etherstub_create,
	.destroy = etherstub_destroy,
	.busy = etherstub_busy,
	.set_mtu = etherstub_set_mtu,
	.get_info = etherstub_get_info,
};
