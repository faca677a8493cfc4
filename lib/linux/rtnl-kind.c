/* SPDX-License-Identifier: MIT */
/*
 * Devices with settings of their kind. One table tells for each kind how its
 * settings are written into a request and read from an answer.
 */
#include "linux/rtnl-kind.h"
#include "linux/rtnl-impl.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>

#define BOND_MIIMON 100 /* milliseconds between two looks at the ports' carrier */
#define ATTRS_MAX   64	/* more than any kind has */

struct kind_ops {
	const char *name;
	void (*put)(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh);
	void (*get)(const struct nlattr **tb, struct nl_kind *k);
};

/* ---- vlan ---- */

static void vlan_put(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh)
{
	if (fresh) /* the kernel cannot change it */
		mnl_attr_put_u16(nlh, IFLA_VLAN_ID, k->vlan.id);
}

static void vlan_get(const struct nlattr **tb, struct nl_kind *k)
{
	k->vlan.id = attr_u16(tb[IFLA_VLAN_ID]);
}

/* ---- bond ---- */

static void bond_put(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh)
{
	const struct nl_bond *b = &k->bond;

	/* In this order: what a mode does not have is refused. */
	if (fresh || !b->keep_mode)
		mnl_attr_put_u8(nlh, IFLA_BOND_MODE, b->mode);
	if (fresh)
		mnl_attr_put_u32(nlh, IFLA_BOND_MIIMON, BOND_MIIMON);
	mnl_attr_put_u8(nlh, IFLA_BOND_XMIT_HASH_POLICY, b->hash);
	if (b->mode != NL_BOND_8023AD)
		return;
	mnl_attr_put_u8(nlh, IFLA_BOND_AD_LACP_RATE, b->lacp_fast);
	mnl_attr_put_u8(nlh, IFLA_BOND_AD_LACP_ACTIVE, !b->lacp_passive);
}

static void bond_get(const struct nlattr **tb, struct nl_kind *k)
{
	const struct nlattr *ad[IFLA_BOND_AD_INFO_MAX + 1];
	struct nl_bond *b = &k->bond;

	b->mode = attr_u8(tb[IFLA_BOND_MODE]);
	b->hash = attr_u8(tb[IFLA_BOND_XMIT_HASH_POLICY]);
	b->lacp_fast = attr_u8(tb[IFLA_BOND_AD_LACP_RATE]) != 0;
	b->lacp_passive =
		tb[IFLA_BOND_AD_LACP_ACTIVE] && attr_u8(tb[IFLA_BOND_AD_LACP_ACTIVE]) == 0;
	if (!tb[IFLA_BOND_AD_INFO] ||
		nl_attrs_nested(tb[IFLA_BOND_AD_INFO], ad, IFLA_BOND_AD_INFO_MAX) < 0)
		return;
	b->aggregator = attr_u16(ad[IFLA_BOND_AD_INFO_AGGREGATOR]);
	b->key = attr_u16(ad[IFLA_BOND_AD_INFO_PARTNER_KEY]);
}

/* ---- bridge ---- */

static void bridge_put(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh)
{
	const struct nl_bridge *b = &k->bridge;

	/* Linux: times are checked against each other only once spanning tree is on. */
	mnl_attr_put_u32(nlh, IFLA_BR_FORWARD_DELAY, b->forward_delay);
	mnl_attr_put_u32(nlh, IFLA_BR_HELLO_TIME, b->hello_time);
	mnl_attr_put_u32(nlh, IFLA_BR_MAX_AGE, b->max_age);
	mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, b->stp);
	mnl_attr_put_u16(nlh, IFLA_BR_PRIORITY, b->priority);
}

static void bridge_get(const struct nlattr **tb, struct nl_kind *k)
{
	struct nl_bridge *b = &k->bridge;

	b->stp = attr_u32(tb[IFLA_BR_STP_STATE]) != 0;
	b->priority = attr_u16(tb[IFLA_BR_PRIORITY]);
	b->max_age = attr_u32(tb[IFLA_BR_MAX_AGE]);
	b->hello_time = attr_u32(tb[IFLA_BR_HELLO_TIME]);
	b->forward_delay = attr_u32(tb[IFLA_BR_FORWARD_DELAY]);
	attr_bytes(tb[IFLA_BR_BRIDGE_ID], b->id, sizeof(b->id));
	attr_bytes(tb[IFLA_BR_ROOT_ID], b->root, sizeof(b->root));
	b->root_port = attr_u16(tb[IFLA_BR_ROOT_PORT]);
	b->root_cost = attr_u32(tb[IFLA_BR_ROOT_PATH_COST]);
	b->topology_change = attr_u8(tb[IFLA_BR_TOPOLOGY_CHANGE]) != 0;
	attr_bytes(
		tb[IFLA_BR_TOPOLOGY_CHANGE_TIMER], &b->topology_timer, sizeof(b->topology_timer));
	b->filtering = attr_u8(tb[IFLA_BR_VLAN_FILTERING]);
}

/* ---- tunnels ---- */

static bool is_set(const uint8_t addr[16])
{
	static const uint8_t none[16];

	return memcmp(addr, none, sizeof(none)) != 0;
}

static size_t addr_size(int family)
{
	return family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr);
}

static void put_addr(struct nlmsghdr *nlh, uint16_t type, int family, const uint8_t addr[16])
{
	if (is_set(addr))
		mnl_attr_put(nlh, type, addr_size(family), addr);
}

static void iptun_put(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh)
{
	const struct nl_tunnel *t = &k->tunnel;

	put_addr(nlh, IFLA_IPTUN_LOCAL, t->family, t->local);
	put_addr(nlh, IFLA_IPTUN_REMOTE, t->family, t->remote);
	mnl_attr_put_u8(nlh, IFLA_IPTUN_TTL, t->hop_limit);
	if (!streq(k->name, "ipip"))
		mnl_attr_put_u8(nlh, IFLA_IPTUN_PROTO, t->protocol);
	if (t->family == AF_INET6) {
		mnl_attr_put_u8(nlh, IFLA_IPTUN_ENCAP_LIMIT, t->encap_limit);
		mnl_attr_put_u32(
			nlh, IFLA_IPTUN_FLAGS, t->no_encap_limit ? IP6_TNL_F_IGN_ENCAP_LIMIT : 0);
	} else {
		mnl_attr_put_u8(nlh, IFLA_IPTUN_PMTUDISC, 1);
	}
}

static void iptun_get(const struct nlattr **tb, struct nl_kind *k)
{
	struct nl_tunnel *t = &k->tunnel;
	size_t size;

	t->family = streq(k->name, "ip6tnl") ? AF_INET6 : AF_INET;
	size = addr_size(t->family);
	attr_bytes(tb[IFLA_IPTUN_LOCAL], t->local, size);
	attr_bytes(tb[IFLA_IPTUN_REMOTE], t->remote, size);
	t->hop_limit = attr_u8(tb[IFLA_IPTUN_TTL]);
	t->encap_limit = attr_u8(tb[IFLA_IPTUN_ENCAP_LIMIT]);
	t->no_encap_limit = attr_u32(tb[IFLA_IPTUN_FLAGS]) & IP6_TNL_F_IGN_ENCAP_LIMIT;
	t->protocol = attr_u8(tb[IFLA_IPTUN_PROTO]);
}

/*
 * The remote address of a vxlan is one entry of its forwarding table and can be added and
 * replaced; what else there is cannot change.
 */
static void vxlan_put(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh)
{
	const struct nl_tunnel *t = &k->tunnel;
	bool v6 = t->family == AF_INET6;

	mnl_attr_put_u32(nlh, IFLA_VXLAN_ID, t->vni);
	put_addr(nlh, v6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, t->family, t->local);
	put_addr(nlh, v6 ? IFLA_VXLAN_GROUP6 : IFLA_VXLAN_GROUP, t->family, t->remote);
	if (!fresh)
		return;
	mnl_attr_put_u16(nlh, IFLA_VXLAN_PORT, htons(t->port));
	mnl_attr_put_u8(nlh, IFLA_VXLAN_LEARNING, !t->table);
	mnl_attr_put_u8(nlh, IFLA_VXLAN_PROXY, t->table);
	mnl_attr_put_u8(nlh, IFLA_VXLAN_TTL, t->hop_limit);
}

static void vxlan_get(const struct nlattr **tb, struct nl_kind *k)
{
	struct nl_tunnel *t = &k->tunnel;
	bool v6 = tb[IFLA_VXLAN_GROUP6] || tb[IFLA_VXLAN_LOCAL6];

	t->family = v6 ? AF_INET6 : AF_INET;
	t->vni = attr_u32(tb[IFLA_VXLAN_ID]);
	attr_bytes(tb[v6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL], t->local, addr_size(t->family));
	attr_bytes(tb[v6 ? IFLA_VXLAN_GROUP6 : IFLA_VXLAN_GROUP], t->remote, addr_size(t->family));
	t->port = ntohs(attr_u16(tb[IFLA_VXLAN_PORT]));
	t->hop_limit = attr_u8(tb[IFLA_VXLAN_TTL]);
	t->table = attr_u8(tb[IFLA_VXLAN_PROXY]);
}

static void geneve_put(struct nlmsghdr *nlh, const struct nl_kind *k, bool fresh)
{
	const struct nl_tunnel *t = &k->tunnel;

	mnl_attr_put_u32(nlh, IFLA_GENEVE_ID, t->vni);
	put_addr(nlh, t->family == AF_INET6 ? IFLA_GENEVE_REMOTE6 : IFLA_GENEVE_REMOTE, t->family,
		t->remote);
	if (fresh)
		mnl_attr_put_u16(nlh, IFLA_GENEVE_PORT, htons(t->port));
	mnl_attr_put_u8(nlh, IFLA_GENEVE_TTL, t->hop_limit);
}

static void geneve_get(const struct nlattr **tb, struct nl_kind *k)
{
	struct nl_tunnel *t = &k->tunnel;
	bool v6 = tb[IFLA_GENEVE_REMOTE6] != NULL;

	t->family = v6 ? AF_INET6 : AF_INET;
	t->vni = attr_u32(tb[IFLA_GENEVE_ID]);
	attr_bytes(
		tb[v6 ? IFLA_GENEVE_REMOTE6 : IFLA_GENEVE_REMOTE], t->remote, addr_size(t->family));
	t->port = ntohs(attr_u16(tb[IFLA_GENEVE_PORT]));
	t->hop_limit = attr_u8(tb[IFLA_GENEVE_TTL]);
}

/* ---- all of them ---- */

static const struct kind_ops kinds[] = {
	{"vlan", vlan_put, vlan_get},
	{"bond", bond_put, bond_get},
	{"bridge", bridge_put, bridge_get},
	{"ipip", iptun_put, iptun_get},
	{"sit", iptun_put, iptun_get},
	{"ip6tnl", iptun_put, iptun_get},
	{"vxlan", vxlan_put, vxlan_get},
	{"geneve", geneve_put, geneve_get},
};

static const struct kind_ops *kind_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		if (streq(kinds[i].name, name))
			return &kinds[i];
	}
	return NULL;
}

static void put_kind(
	struct nlmsghdr *nlh, const struct kind_ops *ops, const struct nl_kind *k, bool fresh)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, k->name);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	ops->put(nlh, k, fresh);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

int nl_kind_create(struct nl *nl, const struct nl_new *n, const struct nl_kind *k)
{
	const struct kind_ops *ops = kind_find(k->name);
	struct nlmsghdr *nlh;

	if (!ops)
		return -EOPNOTSUPP;
	nlh = nl_link_request(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, n->ifindex);
	mnl_attr_put_strz(nlh, IFLA_IFNAME, n->name);
	if (n->mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, n->mac);
	if (n->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, n->mtu);
	if (n->lower)
		mnl_attr_put_u32(nlh, IFLA_LINK, (uint32_t)n->lower);
	if (n->netns >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)n->netns);
	put_kind(nlh, ops, k, true);
	return nl_talk(nl, nlh, NULL, NULL);
}

static int kind_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1], *data[ATTRS_MAX + 1];
	const struct kind_ops *ops;
	struct nl_kind *k = arg;

	if (nlh->nlmsg_type != RTM_NEWLINK ||
		nl_attrs(nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX) < 0 || !tb[IFLA_LINKINFO] ||
		nl_attrs_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX) < 0)
		return 0;
	attr_str(info[IFLA_INFO_KIND], k->name, sizeof(k->name));
	ops = kind_find(k->name);
	if (!ops || !info[IFLA_INFO_DATA] ||
		nl_attrs_nested(info[IFLA_INFO_DATA], data, ATTRS_MAX) < 0) {
		k->name[0] = '\0';
		return 0;
	}
	ops->get(data, k);
	return 0;
}

int nl_kind_get(struct nl *nl, int ifindex, struct nl_kind *ret)
{
	struct nl_kind k = {0};
	int r;

	if (ifindex <= 0)
		return -ENODEV;
	r = nl_talk(nl, nl_link_request(nl, RTM_GETLINK, 0, ifindex), kind_store, &k);
	if (r == 0 && !k.name[0])
		r = -EOPNOTSUPP;
	if (r == 0)
		*ret = k;
	return r;
}

int nl_kind_change(struct nl *nl, int ifindex, const struct nl_kind *k)
{
	const struct kind_ops *ops = kind_find(k->name);
	struct nlmsghdr *nlh;

	if (!ops)
		return -EOPNOTSUPP;
	if (ifindex <= 0)
		return -ENODEV;
	nlh = nl_link_request(nl, RTM_NEWLINK, 0, ifindex);
	put_kind(nlh, ops, k, false);
	return nl_talk(nl, nlh, NULL, NULL);
}
