/* SPDX-License-Identifier: MIT */
/* Asks the kernel's routing tables; see route.h. */
#include "linux/route.h"

#include "linux/rtnl-impl.h"

static int route_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[RTA_MAX + 1];
	int *ret = arg;

	if (nlh->nlmsg_type == RTM_NEWROUTE &&
		nl_attrs(nlh, sizeof(struct rtmsg), tb, RTA_MAX) == 0)
		*ret = (int)attr_u32(tb[RTA_OIF]);
	return 0;
}

int nl_route_get(struct nl *nl, const struct nl_addr *to, int *ret)
{
	struct nlmsghdr *nlh = nl_request(nl, RTM_GETROUTE, 0);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	size_t n = to->family == AF_INET ? sizeof(to->v4) : sizeof(to->v6);
	int ifindex = 0, r;

	rt->rtm_family = (uint8_t)to->family;
	rt->rtm_dst_len = (uint8_t)(n * 8);
	mnl_attr_put(nlh, RTA_DST, n, &to->v4);
	r = nl_talk(nl, nlh, route_store, &ifindex);
	if (r == 0 && !ifindex)
		r = -ENETUNREACH;
	if (r == 0)
		*ret = ifindex;
	return r;
}
