/* SPDX-License-Identifier: MIT */
/*
 * Devices over rtnetlink: describing, making, moving and changing them.
 *
 * Every change is one request of its own. The kernel applies the attributes of
 * one request in turn and does not undo the first when a later one fails; moving
 * to a namespace and renaming in one request, for one, can leave a device moved
 * although the answer is an error.
 */
#include "linux/rtnl-impl.h"

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/pkt_sched.h>
#include <linux/veth.h>
#include <sys/socket.h>

#define WALK_TRIES 16

struct nlmsghdr *nl_link_request(struct nl *nl, uint16_t type, uint16_t flags, int ifindex)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct ifinfomsg *ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));

	ifi->ifi_family = AF_UNSPEC;
	ifi->ifi_index = ifindex;
	return nlh;
}

/* ---- describing ---- */

static void parse_kind(const struct nlattr *a, struct nl_link *ret)
{
	const struct nlattr *tb[IFLA_INFO_MAX + 1];

	if (a && nl_attrs_nested(a, tb, IFLA_INFO_MAX) == 0)
		attr_str(tb[IFLA_INFO_KIND], ret->kind, sizeof(ret->kind));
}

static void parse_xdp(const struct nlattr *a, struct nl_link *ret)
{
	const struct nlattr *tb[IFLA_XDP_MAX + 1];

	if (a && nl_attrs_nested(a, tb, IFLA_XDP_MAX) == 0)
		ret->xdp = attr_u8(tb[IFLA_XDP_ATTACHED]) != XDP_ATTACHED_NONE;
}

int nl_link_parse(const struct nlmsghdr *nlh, struct nl_link *ret)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	if (nl_attrs(nlh, sizeof(*ifi), tb, IFLA_MAX) < 0)
		return -EBADMSG;
	if (ifi->ifi_family != AF_UNSPEC) /* a bridge telling about its port, not a device */
		return -EBADMSG;
	memset(ret, 0, sizeof(*ret));
	ret->ifindex = ifi->ifi_index;
	ret->type = ifi->ifi_type;
	ret->flags = ifi->ifi_flags;
	attr_str(tb[IFLA_IFNAME], ret->name, sizeof(ret->name));
	if (tb[IFLA_ADDRESS] && mnl_attr_get_payload_len(tb[IFLA_ADDRESS]) == ETH_ALEN)
		memcpy(ret->mac, mnl_attr_get_payload(tb[IFLA_ADDRESS]), ETH_ALEN);
	ret->mtu = attr_u32(tb[IFLA_MTU]);
	ret->mtu_min = attr_u32(tb[IFLA_MIN_MTU]);
	ret->mtu_max = attr_u32(tb[IFLA_MAX_MTU]);
	ret->master = (int)attr_u32(tb[IFLA_MASTER]);
	ret->link = (int)attr_u32(tb[IFLA_LINK]);
	ret->link_nsid = tb[IFLA_LINK_NETNSID] ? (int)attr_u32(tb[IFLA_LINK_NETNSID]) : -1;
	ret->operstate = attr_u8(tb[IFLA_OPERSTATE]);
	ret->carrier = attr_u8(tb[IFLA_CARRIER]) != 0;
	parse_kind(tb[IFLA_LINKINFO], ret);
	parse_xdp(tb[IFLA_XDP], ret);
	return 0;
}

static int link_store(const struct nlmsghdr *nlh, void *arg)
{
	return nlh->nlmsg_type == RTM_NEWLINK ? nl_link_parse(nlh, arg) : 0;
}

/* Without the counters, which are half of what the kernel would tell. */
static struct nlmsghdr *get_request(struct nl *nl, uint16_t flags, int ifindex)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_GETLINK, flags, ifindex);

	mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nlh;
}

int nl_link_get(struct nl *nl, int ifindex, struct nl_link *ret)
{
	if (ifindex <= 0)
		return -ENODEV;
	return nl_talk(nl, get_request(nl, 0, ifindex), link_store, ret);
}

int nl_link_get_name(struct nl *nl, const char *name, struct nl_link *ret)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_GETLINK, 0, 0);

	/* The kernel looks a name of either sort up, but wants short ones as IFLA_IFNAME. */
	mnl_attr_put_strz(nlh, strlen(name) < IFNAMSIZ ? IFLA_IFNAME : IFLA_ALT_IFNAME, name);
	return nl_talk(nl, nlh, link_store, ret);
}

struct walk {
	int (*fn)(const struct nl_link *l, void *arg);
	void *arg;
};

static int walk_step(const struct nlmsghdr *nlh, void *arg)
{
	struct walk *w = arg;
	struct nl_link l;

	if (nlh->nlmsg_type != RTM_NEWLINK || nl_link_parse(nlh, &l) < 0)
		return 0;
	return w->fn(&l, w->arg);
}

int nl_link_each(struct nl *nl, int (*fn)(const struct nl_link *l, void *arg), void *arg)
{
	struct walk w = {fn, arg};
	int r = -EAGAIN;

	for (int i = 0; i < WALK_TRIES && r == -EAGAIN; i++)
		r = nl_talk(nl, get_request(nl, NLM_F_DUMP, 0), walk_step, &w);
	return r;
}

struct kind_walk {
	const char *kind;
	struct walk walk;
};

/* A kernel without the kind filters nothing and tells of all: that is seen by the first. */
static int kind_step(const struct nlmsghdr *nlh, void *arg)
{
	struct kind_walk *k = arg;
	struct nl_link l;

	if (nlh->nlmsg_type != RTM_NEWLINK || nl_link_parse(nlh, &l) < 0)
		return 0;
	return streq(l.kind, k->kind) ? k->walk.fn(&l, k->walk.arg) : -EOPNOTSUPP;
}

static int kind_walk_once(struct kind_walk *k)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct nlmsghdr *nlh;
	struct nlattr *info;
	int r;

	r = nl_open(FD_NONE, &nl);
	if (r < 0)
		return r;
	/* Not get_request(): asked to leave something out, the kernel first measures what it would tell of each. */
	nlh = nl_link_request(nl, RTM_GETLINK, NLM_F_DUMP, 0);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, k->kind);
	mnl_attr_nest_end(nlh, info);
	return nl_talk_last(nl, nlh, kind_step, k);
}

int nl_link_each_of_kind(const char *kind, int (*fn)(const struct nl_link *l, void *arg), void *arg)
{
	struct kind_walk k = {kind, {fn, arg}};
	int r = -EAGAIN;

	for (int i = 0; i < WALK_TRIES && r == -EAGAIN; i++)
		r = kind_walk_once(&k);
	return r;
}

/* ---- making ---- */

static struct nlmsghdr *create_request(struct nl *nl, const char *name, const uint8_t *mac)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, 0);

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	if (mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	return nlh;
}

static int create_finish(struct nl *nl, struct nlmsghdr *nlh, const char *name, int *ret_ifindex)
{
	struct nl_link l;
	int r;

	r = nl_talk(nl, nlh, NULL, NULL);
	if (r < 0)
		return r;
	/* Linux: the answer to a creation carries no ifindex before 6.2. */
	r = nl_link_get_name(nl, name, &l);
	if (r < 0)
		return r;
	*ret_ifindex = l.ifindex;
	return 0;
}

int nl_bridge_create(struct nl *nl, const char *name, const uint8_t *mac, int *ret_ifindex)
{
	struct nlmsghdr *nlh = create_request(nl, name, mac);
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	struct nlattr *data;

	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "bridge");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_BR_STP_STATE, 0);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return create_finish(nl, nlh, name, ret_ifindex);
}

/*
 * As many as it uses. Without, the kernel makes one for each CPU that there could be and then waits for its
 * readers (RCU), with the lock of all devices, to use the first of them.
 */
static void one_queue(struct nlmsghdr *nlh)
{
	mnl_attr_put_u32(nlh, IFLA_NUM_TX_QUEUES, 1);
	mnl_attr_put_u32(nlh, IFLA_NUM_RX_QUEUES, 1);
}

/*
 * The port is the device that the request makes and the other end its "peer":
 * only the former can join a bridge in the same request, so there is no moment
 * when a half-made pair could be taken for something else. Linux: the kernel takes an
 * index for the peer only when the port has one, too.
 */
static int veth_request(struct nl *nl, struct nlmsghdr *nlh, const struct nl_birth *b)
{
	struct nlattr *info, *data, *peer;
	struct ifinfomsg *ifi;

	mnl_attr_put_u32(nlh, IFLA_MTU, b->mtu);
	one_queue(nlh);
	if (b->lower)
		mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)b->lower);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "veth");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	peer = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	ifi = memset(mnl_nlmsg_get_payload_tail(nlh), 0, sizeof(*ifi));
	ifi->ifi_index = b->ifindex;
	nlh->nlmsg_len += MNL_ALIGN(sizeof(*ifi));
	mnl_attr_put_strz(nlh, IFLA_IFNAME, b->name);
	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, b->mac);
	mnl_attr_put_u32(nlh, IFLA_MTU, b->mtu);
	one_queue(nlh);
	if (b->netns >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)b->netns);
	mnl_attr_nest_end(nlh, peer);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_veth_create(struct nl *nl, const char *name, const uint8_t *mac, const char *port,
	int master, uint32_t mtu, int *ret_ifindex, int *ret_port)
{
	const struct nl_birth b = {
		.name = name, .mac = mac, .mtu = mtu, .netns = FD_NONE, .lower = master};
	struct nl_link l;
	int r;

	r = veth_request(nl, create_request(nl, port, NULL), &b);
	if (r < 0)
		return r;
	r = nl_link_get_name(nl, port, &l);
	if (r < 0)
		return r;
	*ret_port = l.ifindex;
	*ret_ifindex = l.link;
	return 0;
}

int nl_veth_create_in(struct nl *nl, const struct nl_birth *b)
{
	struct nlmsghdr *nlh = create_request(nl, b->port, NULL);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_index = b->port_ifindex;
	ifi->ifi_flags = ifi->ifi_change = b->port_down ? 0 : IFF_UP;
	return veth_request(nl, nlh, b);
}

static void macvlan_kind(struct nlmsghdr *nlh, int lower)
{
	struct nlattr *info, *data;

	mnl_attr_put_u32(nlh, IFLA_LINK, (uint32_t)lower);
	info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	mnl_attr_put_strz(nlh, IFLA_INFO_KIND, "macvlan");
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_MACVLAN_MODE, MACVLAN_MODE_BRIDGE);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

int nl_macvlan_create(
	struct nl *nl, const char *name, const uint8_t *mac, int lower, int *ret_ifindex)
{
	struct nlmsghdr *nlh = create_request(nl, name, mac);

	macvlan_kind(nlh, lower);
	return create_finish(nl, nlh, name, ret_ifindex);
}

int nl_macvlan_create_in(struct nl *nl, const struct nl_birth *b)
{
	struct nlmsghdr *nlh = create_request(nl, b->name, b->mac);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_index = b->ifindex;
	if (b->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, b->mtu);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)b->netns);
	macvlan_kind(nlh, b->lower);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_delete(struct nl *nl, int ifindex)
{
	if (ifindex <= 0) /* the kernel would take 0 for "by name" or "by group" */
		return -ENODEV;
	return nl_talk(nl, nl_link_request(nl, RTM_DELLINK, 0, ifindex), NULL, NULL);
}

/* ---- changing ---- */

int nl_link_move(struct nl *nl, int ifindex, int netns, int new_ifindex)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)netns);
	if (new_ifindex)
		mnl_attr_put_u32(nlh, IFLA_NEW_IFINDEX, (uint32_t)new_ifindex);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_set_flags(struct nl *nl, int ifindex, unsigned int flags, unsigned int mask)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);
	struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	ifi->ifi_flags = flags;
	ifi->ifi_change = mask;
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_set_name(struct nl *nl, int ifindex, const char *name)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_strz(nlh, IFLA_IFNAME, name);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_set_mtu(struct nl *nl, int ifindex, uint32_t mtu)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_u32(nlh, IFLA_MTU, mtu);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_set_mac(struct nl *nl, int ifindex, const uint8_t *mac)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);

	mnl_attr_put(nlh, IFLA_ADDRESS, ETH_ALEN, mac);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_set_master(struct nl *nl, int ifindex, int master)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);

	mnl_attr_put_u32(nlh, IFLA_MASTER, (uint32_t)master);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_clear_alias(struct nl *nl, int ifindex)
{
	struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);

	mnl_attr_put(nlh, IFLA_IFALIAS, 0, "");
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_link_clear_xdp(struct nl *nl, int ifindex)
{
	static const uint32_t modes[] = {XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE, XDP_FLAGS_HW_MODE};
	struct nl_link l;
	int r;

	r = nl_link_get(nl, ifindex, &l);
	for (size_t i = 0; r == 0 && l.xdp && i < ARRAY_SIZE(modes); i++) {
		struct nlmsghdr *nlh = nl_link_request(nl, RTM_SETLINK, 0, ifindex);
		struct nlattr *xdp = mnl_attr_nest_start(nlh, IFLA_XDP);

		mnl_attr_put_u32(nlh, IFLA_XDP_FD, (uint32_t)-1);
		mnl_attr_put_u32(nlh, IFLA_XDP_FLAGS, modes[i]);
		mnl_attr_nest_end(nlh, xdp);
		(void)nl_talk(nl, nlh, NULL, NULL); /* a mode that is not in use refuses */
		r = nl_link_get(nl, ifindex, &l);
	}
	return r < 0 ? r : l.xdp ? -EBUSY : 0;
}

static int qdisc_delete(struct nl *nl, int ifindex, uint32_t parent)
{
	struct nlmsghdr *nlh = nl_request(nl, RTM_DELQDISC, 0);
	struct tcmsg *tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	int r;

	tc->tcm_family = AF_UNSPEC;
	tc->tcm_ifindex = ifindex;
	tc->tcm_parent = parent;
	r = nl_talk(nl, nlh, NULL, NULL);
	/* Nothing of ours there: each of these is an answer of some kernel. */
	return r == -ENOENT || r == -EINVAL || r == -EOPNOTSUPP ? 0 : r;
}

int nl_link_clear_tc(struct nl *nl, int ifindex)
{
	int r = qdisc_delete(nl, ifindex, TC_H_ROOT);

	/* ingress and clsact share this parent */
	return r < 0 ? r : qdisc_delete(nl, ifindex, TC_H_INGRESS);
}

/* ---- alternative names ---- */

static int altname_request(
	struct nl *nl, uint16_t type, uint16_t flags, int ifindex, const char *name)
{
	struct nlmsghdr *nlh = nl_link_request(nl, type, flags, ifindex);
	struct nlattr *list = mnl_attr_nest_start(nlh, IFLA_PROP_LIST);

	mnl_attr_put_strz(nlh, IFLA_ALT_IFNAME, name);
	mnl_attr_nest_end(nlh, list);
	return nl_talk(nl, nlh, NULL, NULL);
}

int nl_altname_add(struct nl *nl, int ifindex, const char *name)
{
	return altname_request(
		nl, RTM_NEWLINKPROP, NLM_F_CREATE | NLM_F_EXCL | NLM_F_APPEND, ifindex, name);
}

int nl_altname_del(struct nl *nl, int ifindex, const char *name)
{
	return altname_request(nl, RTM_DELLINKPROP, 0, ifindex, name);
}

struct altnames {
	void *list; /* as the kernel sent it: nested attributes */
	size_t size;
};

static int altnames_copy(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[IFLA_MAX + 1];
	struct altnames *names = arg;

	if (nlh->nlmsg_type != RTM_NEWLINK || names->list ||
		nl_attrs(nlh, sizeof(struct ifinfomsg), tb, IFLA_MAX) < 0 || !tb[IFLA_PROP_LIST])
		return 0;
	names->size = mnl_attr_get_payload_len(tb[IFLA_PROP_LIST]);
	names->list = malloc(names->size + 1);
	if (!names->list)
		return -ENOMEM;
	memcpy(names->list, mnl_attr_get_payload(tb[IFLA_PROP_LIST]), names->size);
	return 0;
}

/* The list goes back to the kernel as it came: what root of a zone may have added by thousands. */
int nl_altname_clear(struct nl *nl, int ifindex)
{
	struct altnames names = {0};
	struct nlmsghdr *nlh;
	int r;

	r = nl_talk(nl, nl_link_request(nl, RTM_GETLINK, 0, ifindex), altnames_copy, &names);
	if (r == 0 && names.list) {
		nlh = nl_link_request(nl, RTM_DELLINKPROP, 0, ifindex);
		mnl_attr_put(nlh, NLA_F_NESTED | IFLA_PROP_LIST, names.size, names.list);
		r = nl_talk(nl, nlh, NULL, NULL);
	}
	free(names.list);
	return r;
}

/* ---- namespace ids ---- */

static int nsid_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[NETNSA_MAX + 1];
	int *ret = arg;

	if (nlh->nlmsg_type == RTM_NEWNSID &&
		nl_attrs(nlh, sizeof(struct rtgenmsg), tb, NETNSA_MAX) == 0 && tb[NETNSA_NSID])
		*ret = (int)attr_u32(tb[NETNSA_NSID]);
	return 0;
}

int nl_nsid_get(struct nl *nl, int netns, int *ret)
{
	struct nlmsghdr *nlh = nl_request(nl, RTM_GETNSID, 0);
	struct rtgenmsg *gen = mnl_nlmsg_put_extra_header(nlh, sizeof(*gen));
	int id = NETNSA_NSID_NOT_ASSIGNED, r;

	gen->rtgen_family = AF_UNSPEC;
	mnl_attr_put_u32(nlh, NETNSA_FD, (uint32_t)netns);
	r = nl_talk(nl, nlh, nsid_store, &id);
	if (r < 0)
		return r;
	if (id == NETNSA_NSID_NOT_ASSIGNED)
		return -ENOENT;
	*ret = id;
	return 0;
}
