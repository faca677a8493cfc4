/* SPDX-License-Identifier: MIT */
/*
 * What the drivers share whose device is one of an rtnetlink kind with settings.
 *
 * Such a device is made at an index that was chosen and written down before, so that a
 * zoned that was killed finds it by that. In a zone it is recognized by its index
 * and by the namespace below it, which is home: root in a zone can delete the device, rename
 * it or change it, but make none whose traffic leaves by the host. When it comes home
 * it is removed and made anew from what we know of it.
 */
#include "zoned/mac.h"

#include <fcntl.h>

bool mac_is_kind(const struct mac_ops *ops, const char *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(ops->kinds) && ops->kinds[i]; i++) {
		if (streq(ops->kinds[i], kind))
			return true;
	}
	return false;
}

static bool mac_known(const struct devnet *dd)
{
	static const uint8_t none[6];

	return memcmp(dd->dd_mac, none, sizeof(none)) != 0;
}

int mac_kind_create(struct devnet *dd, const char *name, const struct nl_kind *k, int lower,
	const char *module, struct nl *home, struct diag *d)
{
	const struct nl_new new = {
		.name = name,
		.mac = mac_known(dd) ? dd->dd_mac : NULL,
		.mtu = dd->dd_mtu,
		.ifindex = dd->dd_to.ifindex,
		.lower = lower,
		.netns = FD_NONE,
	};
	int r = nl_kind_create(home, &new, k);

	if (r == -EOPNOTSUPP)
		return diag_set(d, r, "the kernel has no %s", module);
	if (r < 0)
		return diag_set(d, r, "cannot make %s '%s': %s", k->name, name, nl_text(home));
	return 0;
}

int mac_close_ip6(const char *device)
{
	_cleanup_close_ int fd = FD_NONE;
	char path[64 + IFNAMSIZ];

	(void)snprintf(path, sizeof(path), "/proc/sys/net/ipv6/conf/%s/disable_ipv6", device);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	return write(fd, "1", 1) == 1 ? 0 : -errno;
}

int mac_kind_destroy(struct devnet *dd, struct nl *home)
{
	_cleanup_nl_ struct nl *where = NULL;
	struct devnet_info i;
	struct nl_link l;
	int r;

	r = dls_nl_open(dd->dd_at.zone, &where);
	if (r == -ENXIO) /* with its namespace */
		return 0;
	if (r < 0)
		return r;
	r = nl_link_get(where, dd->dd_at.ifindex, &l);
	if (r == 0) {
		dls_devnet_info(dd, &i);
		r = mac_kind_ours(&i, &l, where, home) ? nl_link_delete(where, l.ifindex) : -ENODEV;
	}
	return r == -ENODEV ? 0 : r;
}

bool mac_kind_ours(
	const struct devnet_info *i, const struct nl_link *l, struct nl *where, struct nl *home)
{
	int nsid = -1;

	if (!mac_is_kind(mac_of_class(i->class), l->kind))
		return false;
	/*
	 * The kernel does not tell where a geneve comes from. One that root in the zone has made at
	 * this index only stands for ours until that comes home.
	 */
	if (streq(l->kind, "geneve") && l->link_nsid == -1)
		return true;
	if (i->at.zone != i->owner_zid && nl_nsid_get(where, dls_home(), &nsid) < 0)
		return false;
	return l->link_nsid == nsid;
}

int mac_kind_set_mtu(struct devnet *dd, struct nl *where, struct nl *home, uint32_t mtu)
{
	return nl_link_set_mtu(where, dd->dd_at.ifindex, mtu);
}

static int is_port(const struct nl_link *l, void *arg)
{
	return l->master == *(int *)arg ? 1 : 0;
}

int mac_kind_busy(struct devnet *dd, struct nl *home, struct diag *d)
{
	int ifindex = dd->dd_at.ifindex, r;

	r = nl_link_each(home, is_port, &ifindex);
	if (r > 0)
		return diag_set(d, -EBUSY, "'%s' has links in it", dd->dd_linkname);
	return r;
}

int mac_zone_nsid(struct nl *home, zoneid_t zone, int *ret)
{
	_cleanup_close_ int netns = FD_NONE;
	int r;

	*ret = -1;
	if (zone == GLOBAL_ZONEID)
		return 0;
	r = zone_netns_fd(zone, &netns);
	return r < 0 ? r : nl_nsid_get(home, netns, ret);
}

void mac_state(const struct nl_link *l, struct dld_linkinfo_reply *ret)
{
	if (l->flags & IFF_UP)
		ret->state = l->carrier ? LINK_STATE_UP : LINK_STATE_DOWN;
}

void mac_state_over(const struct devnet_info *i, const struct nl_link *l, struct dls_view *view,
	struct dld_linkinfo_reply *ret)
{
	const struct dld_linkinfo_reply *below = dls_view_below(view, i->over);

	if (!below)
		return;
	if (below->device[0]) {
		ret->speed = below->speed;
		ret->duplex = below->duplex;
		ret->state = below->state;
		ret->mtu_default = below->mtu;
		ret->mtu_max = below->mtu;
	}
	mac_state(l, ret);
}
