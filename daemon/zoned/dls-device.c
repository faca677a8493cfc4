/* SPDX-License-Identifier: MIT */
/*
 * The device of a link, made or made again at home. Its name and index are on disk before it exists: a zoned
 * that is killed in between finds and removes the half-made device when it starts.
 *
 * The kernel's name of a device is the link's where that fits and is free,
 * otherwise dl<linkid> with the link's name as an alternative one.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"

#include "linux/log.h"

#include <time.h>

#define INDEX_TRIES 4
#define GONE_TRIES  100 /* for the device of a namespace that dies to be gone */
#define GONE_PAUSE  50	/* milliseconds */

static struct dls_place place_at_home(const struct devnet *dd, int ifindex)
{
	return (struct dls_place){dd->dd_owner_zid, dls_inode_of(dd->dd_owner_zid), ifindex};
}

/* Where a device will be found whose index is ours to choose. */
static void choose_indexes(struct devnet *dd)
{
	if (!dd->dd_ops->kinds[0])
		return;
	dls_devnet_set_target(dd, place_at_home(dd, dls_random_index()));
	if (dd->dd_ops->has_port)
		dls_devnet_set_port(dd, dls_random_index());
}

/* The device under a name; the name is on disk first. */
static int device_create(struct devnet *dd, const char *name, const struct mac_lower *lower,
	struct nl *home, struct diag *d)
{
	int ifindex = 0, port = 0, r = -EBUSY;

	dls_devnet_set_device(dd, name);
	for (int i = 0; i < INDEX_TRIES && r == -EBUSY; i++) {
		choose_indexes(dd);
		r = dls_state_save(dd->dd_linkid);
		if (r < 0)
			return diag_errno(d, r, "cannot write the state of links");
		r = dd->dd_ops->create(dd, name, lower, home, &ifindex, &port, d);
		if (!dd->dd_ops->kinds[0])
			break;
	}
	if (r < 0) {
		dls_devnet_set_target(dd, (struct dls_place){0});
		return r;
	}
	dls_devnet_set_port(dd, port);
	dls_devnet_set_place(dd, place_at_home(dd, ifindex));
	return 0;
}

static int device_create_named(
	struct devnet *dd, const struct mac_lower *lower, struct nl *home, struct diag *d)
{
	char name[IFNAMSIZ];
	int r = -EEXIST;

	if (strlen(dd->dd_linkname) < IFNAMSIZ)
		r = device_create(dd, dd->dd_linkname, lower, home, d);
	if (r != -EEXIST)
		return r;
	(void)snprintf(name, sizeof(name), "dl%u", dd->dd_linkid);
	r = device_create(dd, name, lower, home, d);
	if (r < 0)
		return r;
	/* Without it the device can still be used by its own name. */
	if (nl_altname_add(home, dd->dd_at.ifindex, dd->dd_linkname) < 0)
		log_line(LOG_NOTICE, "link=%s: Name is taken at home, the device is %s",
			dd->dd_linkname, name);
	return 0;
}

/* Enters the lower link's perimeter, which is held by reference, and describes it. */
static int lower_enter(struct devnet *dd, struct devnet *lower, struct nl *home,
	struct mac_lower *ret, struct diag *d)
{
	struct nl_link l;
	int r;

	r = dls_perim_enter(lower);
	if (r < 0)
		return diag_errno(d, r, "lower link");
	if (lower->dd_at.zone != dd->dd_owner_zid)
		r = diag_set(d, -EBUSY, "'%s' is lent to a zone", lower->dd_linkname);
	else if (nl_link_get(home, lower->dd_at.ifindex, &l) < 0)
		r = diag_set(d, -ENODEV, "the device of '%s' is gone", lower->dd_linkname);
	else if (l.master)
		r = diag_set(d, -EBUSY, "'%s' is a port of another device", lower->dd_linkname);
	if (r == 0)
		*ret = (struct mac_lower){lower->dd_class, l.ifindex, l.mtu};
	if (r == 0 && dd->dd_class == DATALINK_CLASS_VNIC && dd->dd_spec.vid)
		r = mac_tag_enter(lower, dd->dd_spec.vid, home, ret, d);
	if (r < 0)
		dls_perim_exit(lower);
	return r;
}

int dls_device_make(struct devnet *dd, struct devnet *lower, struct nl *home,
	const struct dls_link_args *args, struct diag *d)
{
	struct mac_lower below = {0};
	int r;

	if (lower) {
		r = lower_enter(dd, lower, home, &below, d);
		if (r < 0)
			return r;
	}
	r = dls_address_choose(dd, args, d);
	if (r == 0)
		r = device_create_named(dd, &below, home, d);
	if (lower)
		dls_perim_exit(lower);
	return r;
}

int dls_link_lower_enter(struct devnet *dd, struct nl *home, struct devnet **ret,
	struct mac_lower *ret_below, struct diag *d)
{
	int r = dls_devnet_hold_tmp(dd->dd_over, ret);

	if (r < 0)
		return diag_set(d, -ENODEV, "the link below '%s' is gone", dd->dd_linkname);
	r = lower_enter(dd, *ret, home, ret_below, d);
	if (r < 0)
		dls_devnet_rele_tmp(*ret);
	return r;
}

void dls_link_lower_exit(struct devnet *lower)
{
	dls_perim_exit(lower);
	dls_devnet_rele_tmp(lower);
}

/* A namespace that dies by itself keeps what is in there for a moment, a vlan's id for one. */
static int create_again(struct devnet *dd, struct devnet *lower, struct nl *home, struct diag *d)
{
	const struct timespec pause = {.tv_nsec = GONE_PAUSE * 1000000L};
	int r = dls_device_make(dd, lower, home, NULL, d);

	for (int i = 0; i < GONE_TRIES && r == -EEXIST; i++) {
		(void)nanosleep(&pause, NULL);
		r = dls_device_make(dd, lower, home, NULL, d);
	}
	return r;
}

/* Nothing is wrong with the link: another try, or the next zoned, can make it. */
static bool may_work_later(int r)
{
	return r == -ENOSPC || r == -EDQUOT || r == -EIO || r == -ENOMEM;
}

int dls_link_remake(struct devnet *dd, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct dls_place was = {dd->dd_at.zone, dd->dd_at.netns, 0};
	struct devnet *lower = NULL;
	int r;

	if (!dd->dd_ops->create)
		return diag_set(d, -ENODEV, "the device of '%s' is gone", dd->dd_linkname);
	r = nl_open(FD_NONE, &home);
	if (r < 0)
		return r;
	r = dls_state_save(dd->dd_linkid);
	if (r < 0) /* the new device could not be written down either: keep the old one */
		return diag_errno(d, r, "cannot write the state of links");
	dls_stat_leave(dd);
	r = dd->dd_ops->destroy(dd, home);
	if (r < 0)
		return diag_set(d, r, "cannot remove what is left of '%s': %s", dd->dd_linkname,
			nl_text(home));
	dls_devnet_set_port(dd, 0);
	dls_devnet_set_twin_port(dd, 0);
	dls_devnet_set_place(dd, (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), 0});
	if (dd->dd_over && dls_devnet_hold_tmp(dd->dd_over, &lower) < 0)
		return diag_set(d, -ENODEV, "the link below '%s' is gone", dd->dd_linkname);
	r = create_again(dd, lower, home, d);
	if (dd->dd_ops->kinds[0] && may_work_later(r))
		dls_devnet_set_place(dd, was);
	if (r == 0) {
		dls_stat_settle(dd);
		dls_flow_settle(dd);
	}
	if (lower)
		dls_devnet_rele_tmp(lower);
	if (r == 0 && dd->dd_ops->settle)
		dd->dd_ops->settle(dd, home);
	return r;
}
