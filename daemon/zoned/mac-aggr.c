/* SPDX-License-Identifier: MIT */
/*
 * Aggregation: a bond. Without LACP it spreads flows over its ports by a hash (balance-xor),
 * with LACP it is one of 802.3ad. Up from the start, as its ports are.
 *
 * Linux: the hash takes layer 2, layers 2 and 3, or layers 3 and 4; a bond changes its
 * mode only while it has no ports; and it cannot leave its network namespace.
 */
#include "zoned/mac.h"

static int aggr_check(const struct dld_spec *spec, struct diag *d)
{
	const struct dld_aggr *a = &spec->aggr;

	if (!a->policy ||
		(a->policy & ~(uint32_t)(AGGR_POLICY_L2 | AGGR_POLICY_L3 | AGGR_POLICY_L4)))
		return diag_set(d, -EINVAL, "a policy is made of L2, L3 and L4");
	if (a->lacp_mode > AGGR_LACP_PASSIVE)
		return diag_set(d, -EINVAL, "LACP is off, active or passive");
	if (a->lacp_timer > AGGR_LACP_SHORT)
		return diag_set(d, -EINVAL, "the LACP timer is short or long");
	return 0;
}

static struct nl_kind aggr_kind(const struct dld_spec *spec)
{
	const struct dld_aggr *a = &spec->aggr;

	return (struct nl_kind){
		.name = "bond",
		.bond = {.mode = a->lacp_mode == AGGR_LACP_OFF ? NL_BOND_XOR : NL_BOND_8023AD,
			.hash = a->policy & AGGR_POLICY_L4   ? NL_BOND_LAYER34
				: a->policy & AGGR_POLICY_L3 ? NL_BOND_LAYER23
							     : NL_BOND_LAYER2,
			.lacp_fast = a->lacp_timer == AGGR_LACP_SHORT,
			.lacp_passive = a->lacp_mode == AGGR_LACP_PASSIVE},
	};
}

static int aggr_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, int *ret_ifindex, int *ret_port, struct diag *d)
{
	const struct nl_kind k = aggr_kind(&dd->dd_spec);
	int ifindex = dd->dd_to.ifindex, r;

	r = mac_kind_create(dd, name, &k, 0, "bonding", home, d);
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

/* ---- changing ---- */

struct port_list {
	int ifindex[DLD_PORTS_MAX];
	size_t n;
	int master;
};

static int list_step(const struct nl_link *l, void *arg)
{
	struct port_list *ports = arg;

	if (l->master != ports->master)
		return 0;
	for (size_t i = 0; i < ports->n; i++) {
		if (ports->ifindex[i] == l->ifindex)
			return 0;
	}
	if (ports->n == ARRAY_SIZE(ports->ifindex))
		return -E2BIG;
	ports->ifindex[ports->n++] = l->ifindex;
	return 0;
}

/* Ports out or in again; goes on after a failure and returns the first. */
static int set_ports(struct nl *home, const struct port_list *ports, int master)
{
	int r = 0, first = 0;

	for (size_t i = 0; i < ports->n; i++) {
		r = nl_link_set_flags(home, ports->ifindex[i], 0, IFF_UP);
		if (r == 0)
			r = nl_link_set_master(home, ports->ifindex[i], master);
		if (r < 0 && first == 0)
			first = r;
	}
	return first;
}

/* The mode: without its ports, and down. */
static int change_mode(struct nl *home, int ifindex, const struct nl_kind *k)
{
	struct port_list ports = {.master = ifindex};
	int r, r2;

	r = nl_link_each(home, list_step, &ports);
	if (r == 0)
		r = set_ports(home, &ports, 0);
	if (r == 0)
		r = nl_link_set_flags(home, ifindex, 0, IFF_UP);
	if (r == 0)
		r = nl_kind_change(home, ifindex, k);
	r2 = nl_link_set_flags(home, ifindex, IFF_UP, IFF_UP);
	if (r2 == 0)
		r2 = set_ports(home, &ports, ifindex);
	return r < 0 ? r : r2;
}

static int aggr_modify(
	struct devnet *dd, const struct dld_spec *spec, struct nl *home, struct diag *d)
{
	struct nl_kind now = {0}, k = aggr_kind(spec);
	int ifindex = dd->dd_at.ifindex, r;

	r = nl_kind_get(home, ifindex, &now);
	k.bond.keep_mode = r == 0 && now.bond.mode == k.bond.mode && k.bond.mode == NL_BOND_XOR;
	if (k.bond.keep_mode)
		r = nl_kind_change(home, ifindex, &k);
	else if (r == 0)
		r = change_mode(home, ifindex, &k);
	if (r < 0)
		diag_set(d, r, "%s", nl_text(home)[0] ? nl_text(home) : strerror(-r));
	if (r < 0 && now.name[0] && !k.bond.keep_mode)
		(void)change_mode(home, ifindex, &now);
	return r;
}

static int aggr_get_spec(int ifindex, struct nl *where, struct dld_spec *ret)
{
	struct nl_kind k;
	int r = nl_kind_get(where, ifindex, &k);

	if (r < 0)
		return r;
	ret->aggr = (struct dld_aggr){
		.policy = k.bond.hash == NL_BOND_LAYER34   ? AGGR_POLICY_L4
			  : k.bond.hash == NL_BOND_LAYER23 ? AGGR_POLICY_L3
							   : AGGR_POLICY_L2,
		.lacp_mode = k.bond.mode != NL_BOND_8023AD ? AGGR_LACP_OFF
			     : k.bond.lacp_passive	   ? AGGR_LACP_PASSIVE
							   : AGGR_LACP_ACTIVE,
		.lacp_timer = k.bond.lacp_fast ? AGGR_LACP_SHORT : AGGR_LACP_LONG,
	};
	return 0;
}

/* A bond takes only what is down, and brings it up itself. */
static int aggr_join(struct devnet *dd, struct devnet *port, const struct nl_link *l,
	struct nl *home, struct diag *d)
{
	int r = nl_link_set_flags(home, l->ifindex, 0, IFF_UP);

	return r < 0 ? diag_set(d, r, "cannot bring down '%s': %s", l->name, nl_text(home)) : 0;
}

static void aggr_get_info(const struct devnet_info *i, const struct nl_link *l,
	struct dls_view *view, struct dld_linkinfo_reply *ret)
{
	mac_state(l, ret);
	ret->mtu_default = 1500;
	(void)mac_phys_speed(FD_NONE, l->ifindex, &ret->speed, &ret->duplex);
}

const struct mac_ops mac_aggr = {
	.class = DATALINK_CLASS_AGGR,
	.noun = "an aggr",
	.ports = DATALINK_CLASS_PHYS | DATALINK_CLASS_SIMNET,
	.kinds = {"bond"},
	.check = aggr_check,
	.create = aggr_create,
	.destroy = mac_kind_destroy,
	.ours = mac_kind_ours,
	.modify = aggr_modify,
	.get_spec = aggr_get_spec,
	.join = aggr_join,
	.set_mtu = mac_kind_set_mtu,
	.get_info = aggr_get_info,
};
