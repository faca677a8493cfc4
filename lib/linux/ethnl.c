/* SPDX-License-Identifier: MIT */
/*
 * Requests of the kernel's ethtool family; see ethnl.h. The family's number is asked for once
 * in the life of a process: it stays what it is until the host is started again.
 *
 * Link modes come with their names, "1000baseT/Full", which tell speed and duplex: a mode that
 * is newer than this program is understood as well.
 */
#include "linux/ethnl.h"

#include "linux/rtnl-impl.h"

#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/genetlink.h>
#include <stdatomic.h>

static atomic_ushort family_id; /* 0: not asked yet */

static struct nlmsghdr *genl_request(
	struct nl *nl, uint16_t type, uint16_t flags, uint8_t cmd, uint8_t version)
{
	struct nlmsghdr *nlh = nl_request(nl, type, flags);
	struct genlmsghdr *g = mnl_nlmsg_put_extra_header(nlh, sizeof(*g));

	g->cmd = cmd;
	g->version = version;
	return nlh;
}

static int family_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	if (nl_attrs(nlh, sizeof(struct genlmsghdr), tb, CTRL_ATTR_MAX) == 0)
		*(uint16_t *)arg = attr_u16(tb[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

static int family_find(struct nl *nl)
{
	struct nlmsghdr *nlh;
	uint16_t id = 0;
	int r;

	if (atomic_load(&family_id))
		return 0;
	nlh = genl_request(nl, GENL_ID_CTRL, 0, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, ETHTOOL_GENL_NAME);
	r = nl_talk(nl, nlh, family_store, &id);
	if (r < 0 || !id)
		return r < 0 && r != -ENOENT ? r : -EOPNOTSUPP;
	atomic_store(&family_id, id);
	return 0;
}

int ethnl_open(int netns, struct nl **ret)
{
	struct nl *nl;
	int r = nl_open_protocol(netns, NETLINK_GENERIC, &nl);

	if (r < 0)
		return r;
	r = family_find(nl);
	if (r < 0) {
		(void)nl_close(nl);
		return r;
	}
	*ret = nl;
	return 0;
}

/* Every request begins with the device it is about; that header is attribute 1 of each. */
static struct nlmsghdr *device_request(struct nl *nl, uint8_t cmd, int ifindex)
{
	struct nlmsghdr *nlh =
		genl_request(nl, atomic_load(&family_id), 0, cmd, ETHTOOL_GENL_VERSION);
	struct nlattr *header = mnl_attr_nest_start(nlh, ETHTOOL_A_LINKMODES_HEADER);

	mnl_attr_put_u32(nlh, ETHTOOL_A_HEADER_DEV_INDEX, (uint32_t)ifindex);
	mnl_attr_nest_end(nlh, header);
	return nlh;
}

/* ---- link modes ---- */

/* "1000baseT/Full"; false for what is no mode of a speed ("TP", "Pause", "Autoneg"). */
static bool mode_parse(const char *name, struct ethnl_mode *ret)
{
	unsigned int speed;
	int end = 0;
	const char *slash = strrchr(name, '/');

	if (name[0] < '0' || name[0] > '9' || sscanf(name, "%6ubase%n", &speed, &end) != 1 ||
		!end || !slash)
		return false;
	ret->speed = speed;
	ret->full = streq(slash, "/Full");
	return true;
}

static int mode_store(const struct nlattr *attr, void *arg)
{
	const struct nlattr *tb[ETHTOOL_A_BITSET_BIT_MAX + 1];
	struct ethnl_link *l = arg;
	struct ethnl_mode *m = &l->modes[l->nmodes];

	if (l->nmodes == ETHNL_MODES || mnl_attr_get_type(attr) != ETHTOOL_A_BITSET_BITS_BIT ||
		nl_attrs_nested(attr, tb, ETHTOOL_A_BITSET_BIT_MAX) < 0 ||
		!tb[ETHTOOL_A_BITSET_BIT_NAME] ||
		mnl_attr_validate(tb[ETHTOOL_A_BITSET_BIT_NAME], MNL_TYPE_NUL_STRING) < 0)
		return MNL_CB_OK;
	if (!mode_parse(mnl_attr_get_str(tb[ETHTOOL_A_BITSET_BIT_NAME]), m))
		return MNL_CB_OK;
	m->index = attr_u32(tb[ETHTOOL_A_BITSET_BIT_INDEX]);
	m->advertised = tb[ETHTOOL_A_BITSET_BIT_VALUE] != NULL;
	l->nmodes++;
	return MNL_CB_OK;
}

static int link_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[ETHTOOL_A_LINKMODES_MAX + 1], *set[ETHTOOL_A_BITSET_MAX + 1];
	struct ethnl_link *l = arg;

	if (nl_attrs(nlh, sizeof(struct genlmsghdr), tb, ETHTOOL_A_LINKMODES_MAX) < 0)
		return -EBADMSG;
	memset(l, 0, sizeof(*l));
	l->autoneg = attr_u8(tb[ETHTOOL_A_LINKMODES_AUTONEG]) == AUTONEG_ENABLE;
	l->speed = attr_u32(tb[ETHTOOL_A_LINKMODES_SPEED]);
	if (l->speed == (uint32_t)SPEED_UNKNOWN)
		l->speed = 0;
	l->duplex = tb[ETHTOOL_A_LINKMODES_DUPLEX] ? attr_u8(tb[ETHTOOL_A_LINKMODES_DUPLEX])
						   : DUPLEX_UNKNOWN;
	if (tb[ETHTOOL_A_LINKMODES_OURS] &&
		nl_attrs_nested(tb[ETHTOOL_A_LINKMODES_OURS], set, ETHTOOL_A_BITSET_MAX) == 0 &&
		set[ETHTOOL_A_BITSET_BITS])
		(void)mnl_attr_parse_nested(set[ETHTOOL_A_BITSET_BITS], mode_store, l);
	return 0;
}

int ethnl_link_get(struct nl *nl, int ifindex, struct ethnl_link *ret)
{
	return nl_talk(nl, device_request(nl, ETHTOOL_MSG_LINKMODES_GET, ifindex), link_store, ret);
}

int ethnl_link_set_autoneg(struct nl *nl, int ifindex, bool on)
{
	struct nlmsghdr *nlh = device_request(nl, ETHTOOL_MSG_LINKMODES_SET, ifindex);

	mnl_attr_put_u8(nlh, ETHTOOL_A_LINKMODES_AUTONEG, on ? AUTONEG_ENABLE : AUTONEG_DISABLE);
	return nl_talk(nl, nlh, NULL, NULL);
}

int ethnl_link_advertise(
	struct nl *nl, int ifindex, const struct ethnl_link *l, uint32_t speed, bool full, bool on)
{
	struct nlmsghdr *nlh = device_request(nl, ETHTOOL_MSG_LINKMODES_SET, ifindex);
	struct nlattr *set, *bits, *bit;

	set = mnl_attr_nest_start(nlh, ETHTOOL_A_LINKMODES_OURS);
	bits = mnl_attr_nest_start(nlh, ETHTOOL_A_BITSET_BITS);
	for (size_t i = 0; i < l->nmodes; i++) {
		if (l->modes[i].speed != speed || l->modes[i].full != full)
			continue;
		bit = mnl_attr_nest_start(nlh, ETHTOOL_A_BITSET_BITS_BIT);
		mnl_attr_put_u32(nlh, ETHTOOL_A_BITSET_BIT_INDEX, l->modes[i].index);
		if (on)
			mnl_attr_put(nlh, ETHTOOL_A_BITSET_BIT_VALUE, 0, NULL);
		mnl_attr_nest_end(nlh, bit);
	}
	mnl_attr_nest_end(nlh, bits);
	mnl_attr_nest_end(nlh, set);
	return nl_talk(nl, nlh, NULL, NULL);
}

/* ---- flow control ---- */

static int pause_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[ETHTOOL_A_PAUSE_MAX + 1];
	struct ethnl_pause *p = arg;

	if (nl_attrs(nlh, sizeof(struct genlmsghdr), tb, ETHTOOL_A_PAUSE_MAX) < 0)
		return -EBADMSG;
	p->autoneg = attr_u8(tb[ETHTOOL_A_PAUSE_AUTONEG]);
	p->rx = attr_u8(tb[ETHTOOL_A_PAUSE_RX]);
	p->tx = attr_u8(tb[ETHTOOL_A_PAUSE_TX]);
	return 0;
}

int ethnl_pause_get(struct nl *nl, int ifindex, struct ethnl_pause *ret)
{
	return nl_talk(nl, device_request(nl, ETHTOOL_MSG_PAUSE_GET, ifindex), pause_store, ret);
}

int ethnl_pause_set(struct nl *nl, int ifindex, const struct ethnl_pause *p)
{
	struct nlmsghdr *nlh = device_request(nl, ETHTOOL_MSG_PAUSE_SET, ifindex);

	mnl_attr_put_u8(nlh, ETHTOOL_A_PAUSE_AUTONEG, p->autoneg);
	mnl_attr_put_u8(nlh, ETHTOOL_A_PAUSE_RX, p->rx);
	mnl_attr_put_u8(nlh, ETHTOOL_A_PAUSE_TX, p->tx);
	return nl_talk(nl, nlh, NULL, NULL);
}

/* ---- queues ---- */

static int channels_store(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[ETHTOOL_A_CHANNELS_MAX + 1];

	if (nl_attrs(nlh, sizeof(struct genlmsghdr), tb, ETHTOOL_A_CHANNELS_MAX) < 0)
		return -EBADMSG;
	*(struct ethnl_channels *)arg = (struct ethnl_channels){
		.rx = attr_u32(tb[ETHTOOL_A_CHANNELS_RX_COUNT]),
		.tx = attr_u32(tb[ETHTOOL_A_CHANNELS_TX_COUNT]),
		.combined = attr_u32(tb[ETHTOOL_A_CHANNELS_COMBINED_COUNT]),
		.rx_max = attr_u32(tb[ETHTOOL_A_CHANNELS_RX_MAX]),
		.tx_max = attr_u32(tb[ETHTOOL_A_CHANNELS_TX_MAX]),
		.combined_max = attr_u32(tb[ETHTOOL_A_CHANNELS_COMBINED_MAX]),
	};
	return 0;
}

int ethnl_channels_get(struct nl *nl, int ifindex, struct ethnl_channels *ret)
{
	return nl_talk(
		nl, device_request(nl, ETHTOOL_MSG_CHANNELS_GET, ifindex), channels_store, ret);
}

int ethnl_channels_set(struct nl *nl, int ifindex, const struct ethnl_channels *c)
{
	struct nlmsghdr *nlh = device_request(nl, ETHTOOL_MSG_CHANNELS_SET, ifindex);

	if (c->rx_max)
		mnl_attr_put_u32(nlh, ETHTOOL_A_CHANNELS_RX_COUNT, c->rx);
	if (c->tx_max)
		mnl_attr_put_u32(nlh, ETHTOOL_A_CHANNELS_TX_COUNT, c->tx);
	if (c->combined_max)
		mnl_attr_put_u32(nlh, ETHTOOL_A_CHANNELS_COMBINED_COUNT, c->combined);
	return nl_talk(nl, nlh, NULL, NULL);
}
