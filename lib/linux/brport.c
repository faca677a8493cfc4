/* SPDX-License-Identifier: MIT */
/* How a bridge treats one of its ports; see brport.h. */
#include "linux/brport.h"

#include "linux/rtnl-impl.h"

#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

int nl_brport_close(struct nl *nl, int ifindex, bool closed)
{
	struct nlmsghdr *nlh = nl_request(nl, RTM_SETLINK, 0);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	struct nlattr *info;

	ifi->ifi_family = AF_BRIDGE;
	ifi->ifi_index = ifindex;
	info = mnl_attr_nest_start(nlh, IFLA_PROTINFO);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_LEARNING, !closed);
	mnl_attr_put_u8(nlh, IFLA_BRPORT_UNICAST_FLOOD, !closed);
	mnl_attr_nest_end(nlh, info);
	return nl_talk(nl, nlh, NULL, NULL);
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
