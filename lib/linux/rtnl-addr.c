/* SPDX-License-Identifier: MIT */
/* Addresses and routes of devices over rtnetlink. */
#include "linux/rtnl-impl.h"

#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <sys/socket.h>

#define WALK_TRIES 16

int nl_addr_parse(const char *text, struct nl_addr *ret)
{
	char host[INET6_ADDRSTRLEN];
	const char *slash = strchr(text, '/');
	size_t n = slash ? (size_t)(slash - text) : strlen(text);
	struct nl_addr a = {0};
	unsigned long len, max;
	char *end;

	if (n >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, n);
	host[n] = '\0';
	a.family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, host, a.family == AF_INET ? (void *)&a.v4 : (void *)&a.v6) != 1)
		return -EINVAL;
	len = max = a.family == AF_INET ? 32 : 128;
	if (slash) {
		if (slash[1] < '0' || slash[1] > '9')
			return -EINVAL;
		len = strtoul(slash + 1, &end, 10);
		if (*end || len > max)
			return -EINVAL;
	}
	a.prefix_len = (uint8_t)len;
	*ret = a;
	return 0;
}

/* The head of a request about one address of a device. */
static struct nlmsghdr *addr_request(
	struct nl *nl, uint16_t type, uint16_t flags, int ifindex, const struct nl_addr *a)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	size_t n = a->family == AF_INET ? sizeof(a->v4) : sizeof(a->v6);

	ifa->ifa_family = (uint8_t)a->family;
	ifa->ifa_prefixlen = a->prefix_len;
	ifa->ifa_index = (uint32_t)ifindex;
	mnl_attr_put(nlh, IFA_LOCAL, n, &a->v4);
	mnl_attr_put(nlh, IFA_ADDRESS, n, &a->v4);
	return nlh;
}

int nl_addr_add(struct nl *nl, int ifindex, const struct nl_addr *a)
{
	struct nlmsghdr *nlh = addr_request(nl, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, ifindex, a);

	if (a->family == AF_INET6) {
		mnl_attr_put_u32(nlh, IFA_FLAGS, IFA_F_NODAD);
	} else if (a->prefix_len < 31) {
		uint32_t host = a->prefix_len ? 0xffffffffu >> a->prefix_len : 0xffffffffu;

		mnl_attr_put_u32(nlh, IFA_BROADCAST, a->v4.s_addr | htonl(host));
	}
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_addr_remove(struct nl *nl, int ifindex, const struct nl_addr *a)
{
	return nl_talk(nl, addr_request(nl, RTM_DELADDR, 0, ifindex, a), NULL, NULL);
}

struct addr_walk {
	int ifindex;
	int (*fn)(const struct nl_addr *a, void *arg);
	void *arg;
	int family; /* AF_UNSPEC: either; a kernel without IPv6 answers for it with IPv4 */
};

static int addr_step(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFA_MAX + 1];
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	const struct addr_walk *w = arg;
	const struct nlattr *local;
	struct nl_addr a = {0};
	size_t n;

	if (nlh->nlmsg_type != RTM_NEWADDR || nl_attrs(nlh, sizeof(*ifa), tb, IFA_MAX) < 0)
		return 0;
	if (w->ifindex && ifa->ifa_index != (uint32_t)w->ifindex)
		return 0;
	if (ifa->ifa_family != AF_INET && ifa->ifa_family != AF_INET6)
		return 0;
	if (w->family != AF_UNSPEC && ifa->ifa_family != w->family)
		return 0;
	n = ifa->ifa_family == AF_INET ? sizeof(a.v4) : sizeof(a.v6);
	local = tb[IFA_LOCAL] ? tb[IFA_LOCAL] : tb[IFA_ADDRESS];
	if (!local || mnl_attr_get_payload_len(local) != n)
		return 0;
	a.family = ifa->ifa_family;
	a.prefix_len = ifa->ifa_prefixlen;
	a.scope = ifa->ifa_scope;
	memcpy(&a.v4, mnl_attr_get_payload(local), n);
	return w->fn(&a, w->arg);
}

/*
 * From now on the kernel goes by the device that a dump asks for, instead of telling of all there
 * are; where it cannot, what is told is looked at as before.
 */
static void be_strict(struct nl *nl)
{
	int on = 1;

	if (!nl->strict)
		(void)mnl_socket_setsockopt(nl->sock, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	nl->strict = true;
}

static int addrs_walk(struct nl *nl, int family, struct addr_walk *w)
{
	int r = -EAGAIN;

	for (int i = 0; i < WALK_TRIES && r == -EAGAIN; i++) {
		struct nlmsghdr *nlh = nl_request(nl, RTM_GETADDR, NLM_F_DUMP);
		struct ifaddrmsg *ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));

		ifa->ifa_family = (uint8_t)family;
		ifa->ifa_index = (uint32_t)w->ifindex;
		r = nl_talk(nl, nlh, addr_step, w);
	}
	return r == -ENODEV ? 0 : r;
}

int nl_addr_each(
	struct nl *nl, int ifindex, int (*fn)(const struct nl_addr *a, void *arg), void *arg)
{
	struct addr_walk w = {ifindex, fn, arg, AF_UNSPEC};
	int r;

	if (!ifindex)
		return addrs_walk(nl, AF_UNSPEC, &w);
	be_strict(nl);
	w.family = AF_INET;
	r = addrs_walk(nl, AF_INET, &w);
	w.family = AF_INET6;
	return r ? r : addrs_walk(nl, AF_INET6, &w);
}

static int default_route(
	struct nl *nl, uint16_t type, uint16_t flags, int ifindex, const struct nl_addr *gateway)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct rtmsg *rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));
	size_t n = gateway->family == AF_INET ? sizeof(gateway->v4) : sizeof(gateway->v6);

	rt->rtm_family = (uint8_t)gateway->family;
	rt->rtm_table = RT_TABLE_MAIN;
	rt->rtm_protocol = RTPROT_STATIC;
	rt->rtm_scope = RT_SCOPE_UNIVERSE;
	rt->rtm_type = RTN_UNICAST;
	mnl_attr_put(nlh, RTA_GATEWAY, n, &gateway->v4);
	mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)ifindex);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_route_add_default(struct nl *nl, int ifindex, const struct nl_addr *gateway)
{
	return default_route(nl, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, ifindex, gateway);
}

int nl_route_remove_default(struct nl *nl, int ifindex, const struct nl_addr *gateway)
{
	return default_route(nl, RTM_DELROUTE, 0, ifindex, gateway);
}

struct route_walk {
	int ifindex;
	bool found;
};

static bool nexthops_use(const struct nlattr *multipath, int ifindex)
{
	const char *p = mnl_attr_get_payload(multipath);
	size_t left = mnl_attr_get_payload_len(multipath), step;
	struct rtnexthop nh;

	while (left >= sizeof(nh)) {
		memcpy(&nh, p, sizeof(nh));
		if (nh.rtnh_ifindex == ifindex)
			return true;
		step = RTNH_ALIGN(nh.rtnh_len);
		if (step < sizeof(nh) || step > left)
			return false;
		p += step;
		left -= step;
	}
	return false;
}

static int route_step(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[RTA_MAX + 1];
	const struct rtmsg *rt = mnl_nlmsg_get_payload(nlh);
	struct route_walk *w = arg;

	if (nlh->nlmsg_type != RTM_NEWROUTE || nl_attrs(nlh, sizeof(*rt), tb, RTA_MAX) < 0)
		return 0;
	if (rt->rtm_protocol == RTPROT_KERNEL)
		return 0;
	if (tb[RTA_OIF] && mnl_attr_validate(tb[RTA_OIF], MNL_TYPE_U32) >= 0 &&
		mnl_attr_get_u32(tb[RTA_OIF]) == (uint32_t)w->ifindex)
		w->found = true;
	if (tb[RTA_MULTIPATH] && nexthops_use(tb[RTA_MULTIPATH], w->ifindex))
		w->found = true;
	return 0;
}

static int routes_walk(struct nl *nl, int family, struct route_walk *w)
{
	int r = -EAGAIN;

	for (int i = 0; i < WALK_TRIES && r == -EAGAIN; i++) {
		struct nlmsghdr *nlh = nl_request(nl, RTM_GETROUTE, NLM_F_DUMP);
		struct rtmsg *rt = mnl_nlmsg_put_extra_header(nlh, sizeof(*rt));

		rt->rtm_family = (uint8_t)family;
		mnl_attr_put_u32(nlh, RTA_OIF, (uint32_t)w->ifindex);
		r = nl_talk(nl, nlh, route_step, w);
	}
	return r == -ENODEV || r == -ENOENT ? 0 : r;
}

int nl_route_on(struct nl *nl, int ifindex, bool *ret)
{
	struct route_walk w = {ifindex, false};
	int r;

	be_strict(nl);
	r = routes_walk(nl, AF_INET, &w);
	if (r == 0 && !w.found)
		r = routes_walk(nl, AF_INET6, &w);
	if (r < 0)
		return r;
	*ret = w.found;
	return 0;
}
