/* SPDX-License-Identifier: MIT */
/* Token buckets and intermediate devices; see tc.h. */
#include "linux/tc.h"

#include "linux/rtnl-impl.h"

#include <linux/pkt_sched.h>

#define TBF_HANDLE    0x5a4c0000u  /* "ZL": so that only our own is removed */
#define BURST_MIN     (64u * 1024) /* bytes: a frame of segmentation offload */
#define QUEUE_MIN     (128u * 1024)
#define BURST_DIVISOR 200 /* 5 ms */
#define QUEUE_DIVISOR 10  /* 100 ms */

static struct nlmsghdr *qdisc_request(
	struct nl *nl, uint16_t type, uint16_t flags, int ifindex, uint32_t handle)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));

	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = TC_H_ROOT;
	tc->tcm_handle = handle;
	return nlh;
}

static uint32_t part(uint64_t bytes, unsigned int divisor, uint32_t least)
{
	uint64_t n = bytes / divisor;

	if (n < least)
		return least;
	return n > INT32_MAX ? INT32_MAX : (uint32_t)n;
}

int nl_tbf_set(struct nl *nl, int ifindex, uint64_t bps)
{
	struct nlmsghdr *nlh =
		qdisc_request(nl, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TBF_HANDLE);
	uint64_t rate = bps / 8;
	uint32_t burst = part(rate, BURST_DIVISOR, BURST_MIN);
	/* With a link layer told, the kernel needs no table of times. */
	struct tc_tbf_qopt opt = {
		.rate = {.linklayer = TC_LINKLAYER_ETHERNET,
			.rate = rate > UINT32_MAX ? UINT32_MAX : (uint32_t)rate},
		.limit = burst + part(rate, QUEUE_DIVISOR, QUEUE_MIN),
	};
	struct nlattr *nest;

	mnl_attr_put_strz(nlh, TCA_KIND, "tbf");
	nest = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put(nlh, TCA_TBF_PARMS, sizeof(opt), &opt);
	mnl_attr_put_u32(nlh, TCA_TBF_BURST, burst);
	if (rate > UINT32_MAX)
		mnl_attr_put_u64(nlh, TCA_TBF_RATE64, rate);
	mnl_attr_nest_end(nlh, nest);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_tbf_clear(struct nl *nl, int ifindex)
{
	int r = nl_talk(nl, qdisc_request(nl, RTM_DELQDISC, 0, ifindex, TBF_HANDLE), NULL, NULL);

	/* Nothing of ours there: each of these is an answer of some kernel. */
	return r == -ENOENT || r == -EINVAL || r == -EOPNOTSUPP ? 0 : r;
}

int nl_ifb_create(struct nl *nl, const char *name, int *ret_ifindex)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);
	struct nlattr *info;
	struct nl_link l;
	int r;

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "ifb");
	mnl_attr_nest_end(nlh, info);
	r = nl_talk(nl, nlh, NULL, NULL);
	if (r == 0)
		r = nl_link_get_name(nl, name, &l);
	if (r == 0)
		*ret_ifindex = l.ifindex;
	return r;
}
