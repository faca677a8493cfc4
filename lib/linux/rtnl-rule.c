/* SPDX-License-Identifier: MIT */
/* Routes in tables of their own, and the rules that lead a range of users to them. */
#include "linux/rtnl-impl.h"

#include <linux/fib_rules.h>
#include <sys/socket.h>

static size_t addr_size(const struct nl_addr *a)
{
	return a->family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);
}

static int route_change(struct nl *nl, uint16_t type, uint16_t flags, const struct nl_route *route)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));

	rt->rtm_family = (uint8_t)route->to.family;
	rt->rtm_dst_len = route->to.prefix_len;
	rt->rtm_protocol = RTPROT_STATIC;
	rt->rtm_scope = route->gateway ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK;
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put_u32(nlh, RTA_TABLE, route->table);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)route->ifindex);
	if (route->to.prefix_len)
		mnl_attr_put(nlh, RTA_DST, addr_size(&route->to), &route->to.v4);
	if (route->gateway) {
		rt->rtm_flags = RTNH_F_ONLINK;
		mnl_attr_put(nlh, RTA_GATEWAY, addr_size(route->gateway), &route->gateway->v4);
	}
	mnl_attr_put(nlh, RTA_PREFSRC, addr_size(route->source), &route->source->v4);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_route_add(struct nl *nl, const struct nl_route *route)
{
	return route_change(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route);
}

int nl_route_remove(struct nl *nl, const struct nl_route *route)
{
	return route_change(nl, RTM_DELROUTE, 0, route);
}

static int rule_change(struct nl *nl, uint16_t type, uint16_t flags, const struct nl_uid_rule *rule)
{
	struct fib_rule_uid_range range = {rule->first, rule->last};
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct fib_rule_hdr *frh = mnl_nlmsg_put_extra_header(nlh, sizeof(*frh));

	frh->family = (uint8_t)rule->family;
	frh->action = FR_ACT_TO_TBL;
	mnl_attr_put_u32(nlh, FRA_PRIORITY, rule->priority);
	mnl_attr_put_u32(nlh, FRA_TABLE, rule->table);
	mnl_attr_put(nlh, FRA_UID_RANGE, sizeof(range), &range);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_uid_rule_add(struct nl *nl, const struct nl_uid_rule *rule)
{
	return rule_change(nl, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, rule);
}

int nl_uid_rule_remove(struct nl *nl, const struct nl_uid_rule *rule)
{
	return rule_change(nl, RTM_DELRULE, 0, rule);
}
