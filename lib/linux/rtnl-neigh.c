/* SPDX-License-Identifier: MIT */
/* Neighbours that are set by hand; see rtnl-kind.h. */
#include "linux/rtnl-impl.h"
#include "linux/rtnl-kind.h"

#include <linux/if_ether.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

static struct nlmsghdr *neigh_request(
	struct nl *nl, uint16_t type, uint16_t flags, int ifindex, int family, const uint8_t *addr)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = (uint8_t)family;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_state = NUD_PERMANENT;
	mnl_attr_put(nlh, NDA_DST, family == AF_INET6 ? 16 : 4, addr);
	return nlh;
}

int nl_neigh_set(struct nl *nl, int ifindex, int family, const uint8_t *addr, const uint8_t mac[6])
{
	struct nlmsghdr *nlh = neigh_request(
		nl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex, family, addr);

	mnl_attr_put(nlh, NDA_LLADDR, ETH_ALEN, mac);
	return nl_talk(nl, nlh, NULL, NULL);
}

struct neigh_search {
	int ifindex;
	const uint8_t *mac;
	uint8_t addr[16];
};

/* 1: found. */
static int search_step(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	struct neigh_search *s = arg;

	if (nlh->nlmsg_type != RTM_NEWNEIGH || ndm->ndm_ifindex != s->ifindex ||
		!(ndm->ndm_state & NUD_PERMANENT) || nl_attrs(nlh, sizeof(*ndm), tb, NDA_MAX) < 0 ||
		!tb[NDA_LLADDR] || mnl_attr_get_payload_len(tb[NDA_LLADDR]) != ETH_ALEN ||
		memcmp(mnl_attr_get_payload(tb[NDA_LLADDR]), s->mac, ETH_ALEN) != 0)
		return 0;
	attr_bytes(tb[NDA_DST], s->addr, ndm->ndm_family == AF_INET6 ? 16 : 4);
	return 1;
}

static int del_family(struct nl *nl, int ifindex, int family, const uint8_t mac[6])
{
	struct neigh_search s = {.ifindex = ifindex, .mac = mac};
	int r;

	for (;;) {
		struct nlmsghdr *nlh = nl_request(nl, RTM_GETNEIGH, NLM_F_DUMP);
		struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

		ndm->ndm_family = (uint8_t)family;
		r = nl_talk(nl, nlh, search_step, &s);
		if (r != 1)
			return r;
		r = nl_talk(nl, neigh_request(nl, RTM_DELNEIGH, 0, ifindex, family, s.addr), NULL,
			NULL);
		if (r < 0 && r != -ENOENT)
			return r;
	}
}

int nl_neigh_del_mac(struct nl *nl, int ifindex, const uint8_t mac[6])
{
	int r = del_family(nl, ifindex, AF_INET, mac);

	return r < 0 ? r : del_family(nl, ifindex, AF_INET6, mac);
}
