/* SPDX-License-Identifier: MIT */
/* How a bridge treats one of its ports; see brport.h. */
#include "linux/brport.h"

#include "linux/rtnl-impl.h"

#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

/* Settings of a port follow; *info is ended by the caller. */
static struct nlmsghdr *port_request(struct nl *nl, int ifindex, struct nlattr **info)
{
	struct nlmsghdr *nlh = nl_request(nl, RTM_SETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = ifindex;
	*info = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	return nlh;
}

static int port_send(struct nl *nl, struct nlmsghdr *nlh, struct nlattr *info)
{
	mnl_attr_nest_end(nlh, info);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_brport_close(struct nl *nl, int ifindex, bool closed)
{
	struct nlattr *info;
	struct nlmsghdr *nlh = port_request(nl, ifindex, &info);

	mnl_attr_put_u8(nlh, IFLA_BRPORT_LEARNING, !closed);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_UNICAST_FLOOD, !closed);
	return port_send(nl, nlh, info);
}

static int port_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1], *port[IFLA_BRPORT_MAX + 1];
	struct nl_brport *p = arg;
	char kind[16];

	if (nlh->nlmsg_type != RTM_NEWLINK ||
		nl_attrs(nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX) < 0)
		return 0;
	if (!tb[IFLA_LINKINFO] || nl_attrs_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX) < 0)
		return -EOPNOTSUPP;
	attr_str(info[IFLA_INFO_SLAVE_KIND], kind, sizeof(kind));
	if (!streq(kind, "bridge") || !info[IFLA_INFO_SLAVE_DATA] ||
		nl_attrs_nested(info[IFLA_INFO_SLAVE_DATA], port, IFLA_BRPORT_MAX) < 0)
		return -EOPNOTSUPP;
	p->priority = (uint8_t)attr_u16(port[IFLA_BRPORT_PRIORITY]);
	p->cost = attr_u32(port[IFLA_BRPORT_COST]);
	p->forward = !attr_u8(port[IFLA_BRPORT_LOCKED]);
	return 0;
}

int nl_brport_get(struct nl *nl, int ifindex, struct nl_brport *ret)
{
	return nl_talk(nl, nl_link_request(nl, RTM_GETLINK, 0, ifindex), port_store, ret);
}

int nl_brport_set_priority(struct nl *nl, int ifindex, uint8_t priority)
{
	struct nlattr *info;
	struct nlmsghdr *nlh = port_request(nl, ifindex, &info);

	mnl_attr_put_u16(nlh, IFLA_BRPORT_PRIORITY, priority);
	return port_send(nl, nlh, info);
}

int nl_brport_set_cost(struct nl *nl, int ifindex, uint32_t cost)
{
	struct nlattr *info;
	struct nlmsghdr *nlh = port_request(nl, ifindex, &info);

	mnl_attr_put_u32(nlh, IFLA_BRPORT_COST, cost);
	return port_send(nl, nlh, info);
}

int nl_brport_set_forward(struct nl *nl, int ifindex, bool on)
{
	struct nlattr *info;
	struct nlmsghdr *nlh = port_request(nl, ifindex, &info);

	mnl_attr_put_u8(nlh, IFLA_BRPORT_LOCKED, !on);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_LEARNING, on);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_UNICAST_FLOOD, on);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_MCAST_FLOOD, on);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_BCAST_FLOOD, on);
	if (!on) /* what was learned there */
		mnl_attr_put(nlh, IFLA_BRPORT_FLUSH, 0, NULL);
	return port_send(nl, nlh, info);
}

static int fdb(struct nl *nl, uint16_t type, uint16_t flags, int ifindex, const uint8_t mac[6])
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct ndmsg *nd = mnl_nlmsg_put_extra_header(nlh, sizeof(*nd));

	nd->ndm_family = AF_BRIDGE;
	nd->ndm_ifindex = ifindex;
	nd->ndm_flags = NTF_MASTER;
	nd->ndm_state = NUD_NOARP;
	mnl_attr_put(nlh, NDA_LLADDR, ETH_ALEN, mac);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_brport_add_mac(struct nl *nl, int ifindex, const uint8_t mac[6])
{
	return fdb(nl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, mac);
}

int nl_brport_del_mac(struct nl *nl, int ifindex, const uint8_t mac[6])
{
	int r = fdb(nl, RTM_DELNEIGH, 0, ifindex, mac);

	return r == -ENOENT ? 0 : r;
}
