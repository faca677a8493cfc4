/* SPDX-License-Identifier: MIT */
/* Devices whose traffic is another's; see uplink.h. */
#include "linux/uplink.h"

#include "linux/rtnl-impl.h"

#include <linux/if_link.h>
#include <sys/socket.h>

static int generate_address(struct nl *nl, int ifindex, uint8_t mode)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);
	struct nlattr *spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	struct nlattr *inet6 = mnl_attr_nest_start(nlh, AF_INET6);
	int r;

	mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, mode);
	mnl_attr_nest_end(nlh, inet6);
	mnl_attr_nest_end(nlh, spec);
	r = nl_talk(nl, nlh, NULL, NULL);
	return r == -EAFNOSUPPORT ? 0 : r; /* a kernel without IPv6 */
}

int nl_uplink_open(struct nl *nl, int ifindex)
{
	const unsigned int flags = IFF_UP | IFF_ALLMULTI;
	int r = generate_address(nl, ifindex, IN6_ADDR_GEN_MODE_NONE);

	return r < 0 ? r : nl_link_set_flags(nl, ifindex, flags, flags);
}

int nl_uplink_close(struct nl *nl, int ifindex)
{
	int r = nl_link_set_flags(nl, ifindex, 0, IFF_UP | IFF_ALLMULTI);

	return r < 0 ? r : generate_address(nl, ifindex, IN6_ADDR_GEN_MODE_EUI64);
}
