/* SPDX-License-Identifier: MIT */
/* Ports of bridges and bonds, and the forwarding tables of bridges and vxlans. */
#include "linux/rtnl-kind.h"
#include "linux/rtnl-impl.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/neighbour.h>
#include <sys/socket.h>

#define WALK_TRIES 16

/* ---- ports ---- */

static void bridge_port_get(const struct nlattr *data, struct nl_port *p)
{
	const struct nlattr *tb[IFLA_BRPORT_MAX + 1];

	if (nl_attrs_nested(data, tb, IFLA_BRPORT_MAX) < 0)
		return;
	p->state = attr_u8(tb[IFLA_BRPORT_STATE]);
	p->cost = attr_u32(tb[IFLA_BRPORT_COST]);
	p->number = attr_u16(tb[IFLA_BRPORT_NO]);
	p->designated_port = attr_u16(tb[IFLA_BRPORT_DESIGNATED_PORT]);
	p->designated_cost = attr_u16(tb[IFLA_BRPORT_DESIGNATED_COST]);
	attr_bytes(tb[IFLA_BRPORT_ROOT_ID], p->designated_root, sizeof(p->designated_root));
	attr_bytes(tb[IFLA_BRPORT_BRIDGE_ID], p->designated_bridge, sizeof(p->designated_bridge));
}

static void bond_port_get(const struct nlattr *data, struct nl_port *p)
{
	const struct nlattr *tb[IFLA_BOND_SLAVE_MAX + 1];

	if (nl_attrs_nested(data, tb, IFLA_BOND_SLAVE_MAX) < 0)
		return;
	p->active = attr_u8(tb[IFLA_BOND_SLAVE_STATE]) == 0;
	p->up = attr_u8(tb[IFLA_BOND_SLAVE_MII_STATUS]) == 0;
	p->aggregator = attr_u16(tb[IFLA_BOND_SLAVE_AD_AGGREGATOR_ID]);
	p->actor_state = attr_u8(tb[IFLA_BOND_SLAVE_AD_ACTOR_OPER_PORT_STATE]);
	p->partner_state = (uint8_t)attr_u16(tb[IFLA_BOND_SLAVE_AD_PARTNER_OPER_PORT_STATE]);
}

struct port_walk {
	int master;
	int (*fn)(const struct nl_port *p, void *arg);
	void *arg;
};

static int port_step(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct port_walk *w = arg;
	struct nl_port p = {0};
	char kind[16];

	if (nlh->nlmsg_type != RTM_NEWLINK || nl_attrs(nlh, sizeof(*ifi), tb, IFLA_MAX) < 0)
		return 0;
	p.master = (int)attr_u32(tb[IFLA_MASTER]);
	if (p.master != w->master)
		return 0;
	p.ifindex = ifi->ifi_index;
	attr_str(tb[IFLA_IFNAME], p.name, sizeof(p.name));
	if (tb[IFLA_LINKINFO] && nl_attrs_nested(tb[IFLA_LINKINFO], info, IFLA_INFO_MAX) == 0 &&
		info[IFLA_INFO_SLAVE_DATA]) {
		attr_str(info[IFLA_INFO_SLAVE_KIND], kind, sizeof(kind));
		if (streq(kind, "bridge"))
			bridge_port_get(info[IFLA_INFO_SLAVE_DATA], &p);
		else if (streq(kind, "bond"))
			bond_port_get(info[IFLA_INFO_SLAVE_DATA], &p);
	}
	return w->fn(&p, w->arg);
}

int nl_port_each(
	struct nl *nl, int master, int (*fn)(const struct nl_port *p, void *arg), void *arg)
{
	struct port_walk w = {master, fn, arg};
	int r = -EAGAIN;

	for (int i = 0; i < WALK_TRIES && r == -EAGAIN; i++)
		r = nl_talk(nl, nl_link_request(nl, RTM_GETLINK, NLM_F_DUMP, 0), port_step, &w);
	return r;
}

/* ---- forwarding tables ---- */

struct fdb_walk {
	int master, ifindex;
	int (*fn)(const struct nl_fdb *f, void *arg);
	void *arg;
};

static void fdb_dst(const struct nlattr *a, struct nl_fdb *f)
{
	size_t size = a ? mnl_attr_get_payload_len(a) : 0;

	if (size != sizeof(struct in_addr) && size != sizeof(struct in6_addr))
		return;
	f->family = size == sizeof(struct in_addr) ? AF_INET : AF_INET6;
	memcpy(f->dst, mnl_attr_get_payload(a), size);
}

static int fdb_step(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NDA_MAX + 1];
	const struct ndmsg *ndm = mnl_nlmsg_get_payload(nlh);
	const struct fdb_walk *w = arg;
	struct nda_cacheinfo age = {0};
	struct nl_fdb f = {0};

	if (nlh->nlmsg_type != RTM_NEWNEIGH || nl_attrs(nlh, sizeof(*ndm), tb, NDA_MAX) < 0 ||
		!tb[NDA_LLADDR] || mnl_attr_get_payload_len(tb[NDA_LLADDR]) != ETH_ALEN)
		return 0;
	f.ifindex = ndm->ndm_ifindex;
	f.master = (int)attr_u32(tb[NDA_MASTER]);
	if (w->master ? f.master != w->master : f.ifindex != w->ifindex)
		return 0;
	if (!w->master && !(ndm->ndm_flags & NTF_SELF))
		return 0;
	memcpy(f.mac, mnl_attr_get_payload(tb[NDA_LLADDR]), ETH_ALEN);
	f.vid = attr_u16(tb[NDA_VLAN]);
	f.local = (ndm->ndm_state & NUD_PERMANENT) && w->master;
	f.fixed = (ndm->ndm_state & (NUD_PERMANENT | NUD_NOARP)) != 0;
	attr_bytes(tb[NDA_CACHEINFO], &age, sizeof(age));
	f.age = age.ndm_updated;
	fdb_dst(tb[NDA_DST], &f);
	f.port = ntohs(attr_u16(tb[NDA_PORT]));
	return w->fn(&f, w->arg);
}

static struct nlmsghdr *fdb_request(struct nl *nl, uint16_t type, uint16_t flags, int ifindex)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

	ndm->ndm_family = PF_BRIDGE;
	ndm->ndm_ifindex = ifindex;
	ndm->ndm_flags = NTF_SELF;
	ndm->ndm_state = NUD_PERMANENT;
	return nlh;
}

int nl_fdb_each(struct nl *nl, int master, int ifindex,
	int (*fn)(const struct nl_fdb *f, void *arg), void *arg)
{
	struct fdb_walk w = {master, ifindex, fn, arg};
	int r = -EAGAIN;

	for (int i = 0; i < WALK_TRIES && r == -EAGAIN; i++) {
		struct nlmsghdr *nlh = nl_request(nl, RTM_GETNEIGH, NLM_F_DUMP);
		struct ndmsg *ndm = mnl_nlmsg_put_extra_header(nlh, sizeof(*ndm));

		ndm->ndm_family = PF_BRIDGE;
		r = nl_talk(nl, nlh, fdb_step, &w);
	}
	return r;
}

int nl_fdb_set(struct nl *nl, int ifindex, const struct nl_fdb *f)
{
	struct nlmsghdr *nlh = fdb_request(nl, RTM_NEWNEIGH, NLM_F_CREATE | NLM_F_REPLACE, ifindex);

	mnl_attr_put(nlh, NDA_LLADDR, ETH_ALEN, f->mac);
	mnl_attr_put(nlh, NDA_DST,
		f->family == AF_INET6 ? sizeof(struct in6_addr) : sizeof(struct in_addr), f->dst);
	if (f->port)
		mnl_attr_put_u16(nlh, NDA_PORT, htons(f->port));
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_fdb_del(struct nl *nl, int ifindex, const uint8_t mac[6])
{
	struct nlmsghdr *nlh = fdb_request(nl, RTM_DELNEIGH, 0, ifindex);

	mnl_attr_put(nlh, NDA_LLADDR, ETH_ALEN, mac);
	return nl_talk(nl, nlh, NULL, NULL);
}
