/* SPDX-License-Identifier: MIT */
/* Counters and queues of devices over rtnetlink. */
#include "linux/rtnl-impl.h"

#include <linux/if_link.h>

static uint32_t queues(const struct nlattr *a)
{
	return a && mnl_attr_validate(a, MNL_TYPE_U32) >= 0 ? mnl_attr_get_u32(a) : 0;
}

static int stats_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	struct rtnl_link_stats64 s = {0};
	struct nl_stats *ret = arg;
	size_t size;

	if (nlh->nlmsg_type != RTM_NEWLINK)
		return 0;
	if (nl_attrs(nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX) < 0 || !tb[IFLA_STATS64])
		return -EBADMSG;
	/* Unaligned in the message, and longer or shorter than this kernel's header says. */
	size = mnl_attr_get_payload_len(tb[IFLA_STATS64]);
	memcpy(&s, mnl_attr_get_payload(tb[IFLA_STATS64]), size < sizeof(s) ? size : sizeof(s));
	*ret = (struct nl_stats){
		.rx_packets = s.rx_packets,
		.rx_bytes = s.rx_bytes,
		.rx_errors = s.rx_errors,
		.rx_dropped = s.rx_dropped,
		.rx_nohandler = s.rx_nohandler,
		.multicast = s.multicast,
		.tx_packets = s.tx_packets,
		.tx_bytes = s.tx_bytes,
		.tx_errors = s.tx_errors,
		.tx_dropped = s.tx_dropped,
		.collisions = s.collisions,
		.rx_queues = queues(tb[IFLA_NUM_RX_QUEUES]),
		.tx_queues = queues(tb[IFLA_NUM_TX_QUEUES]),
	};
	return 0;
}

int nl_link_stats(struct nl *nl, int ifindex, struct nl_stats *ret)
{
	if (ifindex <= 0)
		return -ENODEV;
	return nl_talk(nl, nl_link_request(nl, RTM_GETLINK, 0, ifindex), stats_store, ret);
}

int nl_link_stats_of(struct nl *nl, int nsid, int ifindex, struct nl_stats *ret)
{
	struct nlmsghdr *nlh;

	if (ifindex <= 0)
		return -ENODEV;
	nlh = nl_link_request(nl, RTM_GETLINK, 0, ifindex);
	mnl_attr_put_u32(nlh, IFLA_TARGET_NETNSID, (uint32_t)nsid);
	return nl_talk(nl, nlh, stats_store, ret);
}
