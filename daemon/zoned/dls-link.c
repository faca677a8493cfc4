/* SPDX-License-Identifier: MIT */
/*
 * Making and destroying links. A new link is in the table, INITIALIZING, before
 * its device exists, and its device's name and address are on disk: a zoned that
 * is killed in between finds and removes the half-made device when it starts.
 *
 * The kernel's name of a device is the link's where that fits and is free,
 * otherwise dl<linkid> with the link's name as an alternative one.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "linux/log.h"

#include <sys/random.h>
#include <time.h>

#define MAC_TRIES   64
#define INDEX_TRIES 4
#define GONE_TRIES  100 /* for the device of a namespace that dies to be gone */
#define GONE_PAUSE  50	/* milliseconds */

static const uint8_t mac_prefix[3] = {0x02, 0x08, 0x20};

/* A random address, of which the first n bytes are given, that no link over the same one has. */
static int mac_random(struct devnet *dd, const uint8_t *prefix, size_t n)
{
	uint8_t mac[6];
	int r = -EADDRINUSE;

	for (int i = 0; i < MAC_TRIES && r == -EADDRINUSE; i++) {
		if (getrandom(mac, sizeof(mac), 0) != sizeof(mac))
			return -EIO;
		memcpy(mac, prefix, n);
		r = dls_devnet_reserve_mac(dd, mac);
		if (n == sizeof(mac))
			break;
	}
	return r;
}

/* A link that is made again keeps its address. */
static bool mac_known(const struct devnet *dd)
{
	static const uint8_t none[6];

	return memcmp(dd->dd_mac, none, sizeof(none)) != 0;
}

static int mac_fixed(struct devnet *dd, const uint8_t mac[6], struct diag *d)
{
	static const uint8_t none[6];
	int r;

	if ((mac[0] & 1) || memcmp(mac, none, sizeof(none)) == 0)
		return diag_set(d, -EINVAL, "invalid MAC address: a vnic needs a unicast one");
	r = dls_devnet_reserve_mac(dd, mac);
	if (r == -EADDRINUSE)
		return diag_set(d, r, "MAC address is already in use");
	return r;
}

static int mac_given(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	if (args->prefix_len > 6 || (args->mac[0] & 1))
		return diag_set(d, -EINVAL, "invalid MAC address prefix");
	return mac_random(dd, args->mac, args->prefix_len);
}

static int mac_choose(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	switch (dd->dd_mactype) {
	case VNIC_MAC_ADDR_TYPE_FIXED:
	case VNIC_MAC_ADDR_TYPE_VRID:
		return mac_fixed(dd, args->mac, d);
	case VNIC_MAC_ADDR_TYPE_RANDOM:
		if (args->prefix_len)
			return mac_given(dd, args, d);
		return mac_random(dd, mac_prefix, sizeof(mac_prefix));
	case VNIC_MAC_ADDR_TYPE_AUTO:
		if (args && args->prefix_len) /* the one that it had before */
			return mac_given(dd, args, d);
		return mac_random(dd, mac_prefix, sizeof(mac_prefix));
	default:
		return diag_set(d, -EOPNOTSUPP, "MAC address type is not supported");
	}
}

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

static bool wants_mac(const struct devnet *dd)
{
	return !mac_known(dd) &&
	       (dd->dd_ops->own_mac || dd->dd_mactype == VNIC_MAC_ADDR_TYPE_FIXED ||
		       dd->dd_mactype == VNIC_MAC_ADDR_TYPE_VRID);
}

static int create_over(struct devnet *dd, struct devnet *lower, struct nl *home,
	const struct dls_link_args *args, struct diag *d)
{
	struct mac_lower below = {0};
	int r;

	if (lower) {
		r = lower_enter(dd, lower, home, &below, d);
		if (r < 0)
			return r;
	}
	r = wants_mac(dd) ? mac_choose(dd, args, d) : 0;
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

/* Holds the link below a new one. */
static int lower_hold(struct devnet *dd, datalink_id_t id, struct devnet **ret, struct diag *d)
{
	struct devnet *lower;
	int r;

	r = dls_devnet_hold(id, &lower);
	if (r == 0 && !dls_devnet_visible(lower, dd->dd_owner_zid)) {
		dls_devnet_rele(lower);
		r = -ENOENT;
	}
	if (r < 0)
		return diag_set(d, r, "there is no link to make %s over", dd->dd_ops->noun);
	if (!(lower->dd_class & dd->dd_ops->over)) {
		diag_set(d, -EINVAL, "%s does not go over '%s', which is %s", dd->dd_ops->noun,
			lower->dd_linkname, lower->dd_ops->noun);
		dls_devnet_rele(lower);
		return -EINVAL;
	}
	*ret = lower;
	return 0;
}

static int lookup(datalink_id_t id, uint32_t class, struct dls_linkinfo *ret, struct diag *d)
{
	int r = dls_mgmt_get_linkinfo(id, ret);

	if (r == -EBADF)
		return diag_set(d, r, "dlmgmtd does not answer");
	if (r == 0 && ret->class != class)
		return diag_set(d, -EINVAL, "'%s' is a link of another class", ret->name);
	return r;
}

/* The VLAN that a vnic was to be over is not needed, perhaps. */
static void lower_reap(struct devnet *lower, const struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;

	if (dd->dd_class != DATALINK_CLASS_VNIC || !dd->dd_spec.vid || dls_perim_enter(lower) < 0)
		return;
	if (dls_nl_open(dd->dd_owner_zid, &home) == 0)
		mac_tag_reap(lower, dd->dd_spec.vid, home);
	dls_perim_exit(lower);
}

/* Takes a link that never became visible out again. */
static void abandon(struct devnet *dd, struct devnet *lower)
{
	datalink_id_t id = dd->dd_linkid;

	(void)dls_devnet_condemn(dd); /* cannot fail: nobody could hold it */
	dls_perim_exit(dd);
	if (lower) {
		dls_devnet_rele(lower);
		lower_reap(lower, dd);
	}
	dls_devnet_free(dd);
	(void)dls_state_save(id);
}

static int create_with_ports(struct devnet *dd, struct devnet *lower, struct nl *home,
	const struct dls_link_args *args, struct diag *d)
{
	int r = create_over(dd, lower, home, args, d);

	if (r < 0 || !args || !args->nports)
		return r;
	r = dls_ports_add(dd, args->ports, args->nports, home, d);
	if (r < 0)
		(void)dd->dd_ops->destroy(dd, home);
	return r;
}

/*
 * Now that the link is in the table dlmgmtd does not end its id any more; until then it may have
 * done so, or changed the name.
 */
static int look_up_again(struct devnet *dd, struct diag *d)
{
	struct dls_linkinfo info;
	int r = dls_mgmt_get_linkinfo(dd->dd_linkid, &info);

	if (r == -ENOENT || (r == 0 && !(info.flags & DLMGMT_ACTIVE)))
		return diag_set(d, -ENOENT, "'%s' was deleted meanwhile", dd->dd_linkname);
	if (r == 0)
		dls_devnet_set_linkname(dd, info.name);
	return r;
}

/* From here on a restart keeps the device, which it would have removed as half made. */
static int save_made(const struct devnet *dd, struct diag *d)
{
	int r = dls_state_save(dd->dd_linkid);

	return r < 0 ? diag_errno(d, r, "cannot write the state of links") : 0;
}

static int create_in_table(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct devnet *lower = NULL;
	int r;

	(void)dls_perim_enter(dd);
	r = look_up_again(dd, d);
	if (r == 0)
		r = dls_nl_open(dd->dd_owner_zid, &home);
	if (r == 0 && dd->dd_ops->over)
		r = lower_hold(dd, dd->dd_over, &lower, d);
	if (r == 0)
		r = create_with_ports(dd, lower, home, args, d);
	if (r == 0) {
		r = dls_prop_load(dd, d);
		if (r == 0)
			r = save_made(dd, d);
		if (r < 0)
			(void)dd->dd_ops->destroy(dd, home);
	}
	if (r < 0) {
		dls_prop_forget(dd->dd_linkid);
		abandon(dd, lower);
		return r;
	}
	dls_devnet_ready(dd);
	if (dd->dd_owner_zid == GLOBAL_ZONEID)
		dls_flow_attach(dd);
	dls_perim_exit(dd);
	return 0;
}

/* What the caller wants it to be, if a device can be that. */
static int take_args(struct devnet *dd, const struct dls_link_args *args, struct diag *d)
{
	int r = dd->dd_ops->check ? dd->dd_ops->check(&args->spec, d) : 0;

	if (r == 0 && args->nports && !dd->dd_ops->ports)
		r = diag_set(d, -EINVAL, "%s has no links in it", dd->dd_ops->noun);
	if (r < 0)
		return r;
	dd->dd_spec = args->spec;
	dd->dd_mactype = args->mactype;
	if (dd->dd_ops->over)
		dd->dd_over = args->over;
	return 0;
}

/* Before anything is said of the link: a zone can only make what is its own, and was not lent. */
static int check_owner(datalink_id_t id, zoneid_t owner)
{
	zoneid_t has = GLOBAL_ZONEID;
	struct devnet *dd;
	int r = 0;

	(void)zone_datalink_owner(id, &has);
	if (has != owner)
		return -ENOENT;
	if (dls_devnet_hold_tmp(id, &dd) == 0) {
		r = dd->dd_owner_zid != owner ? -EPERM : 0;
		dls_devnet_rele_tmp(dd);
	}
	return r;
}

static int check_class(const struct devnet *dd, zoneid_t owner, struct diag *d)
{
	if (!dd->dd_ops->create)
		return -ENOTSUP;
	if (owner != GLOBAL_ZONEID && !dd->dd_ops->in_zone)
		return diag_set(d, -ENOTSUP, "%s cannot be made in a zone", dd->dd_ops->noun);
	return 0;
}

int dls_link_create(datalink_id_t id, uint32_t class, const struct dls_link_args *args,
	zoneid_t owner, struct diag *d)
{
	struct dls_linkinfo info;
	struct devnet *dd;
	int r;

	r = check_owner(id, owner);
	if (r == 0)
		r = lookup(id, class, &info, d);
	if (r == 0)
		r = dls_devnet_new(class, &dd);
	if (r < 0)
		return r;
	r = check_class(dd, owner, d);
	if (r < 0) {
		dls_devnet_free(dd);
		return r;
	}
	dd->dd_owner_zid = owner;
	dd->dd_at.zone = owner;
	dls_stat_forget(id); /* of an earlier link */
	dd->dd_linkid = id;
	memcpy(dd->dd_linkname, info.name, sizeof(dd->dd_linkname));
	dd->dd_transient = (info.flags & DLMGMT_TRANSIENT) != 0;
	dd->dd_media = info.media;
	dd->dd_mactype = VNIC_MAC_ADDR_TYPE_AUTO;
	r = args ? take_args(dd, args, d) : 0;
	if (r == 0)
		r = dls_devnet_insert(dd);
	if (r < 0) {
		dls_devnet_free(dd);
		return r == -EINVAL ? r : diag_set(d, r, "'%s' exists already", info.name);
	}
	return create_in_table(dd, args, d);
}

/*
 * The link below one that goes, which its upper's hold kept in the table. When that has lost its
 * own device meanwhile, it goes with its last upper.
 */
static void lower_rele(datalink_id_t over, uint32_t vid)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct devnet *lower;

	if (over == DATALINK_INVALID_LINKID || dls_devnet_hold_tmp(over, &lower) < 0)
		return;
	dls_devnet_rele(lower);
	if (dls_perim_enter(lower) == 0) {
		if (vid && dls_nl_open(lower->dd_at.zone, &home) == 0)
			mac_tag_reap(lower, vid, home);
		if (lower->dd_at.zone == GLOBAL_ZONEID && !lower->dd_at.ifindex) {
			dls_link_vanished(lower); /* leaves and releases */
			return;
		}
		dls_perim_exit(lower);
	}
	dls_devnet_rele_tmp(lower);
}

static int delete_in_perim(struct devnet *dd, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	int r;

	if (!dd->dd_ops->destroy)
		return diag_set(d, -ENOTSUP, "'%s' is a physical link", dd->dd_linkname);
	if (!dls_at_home(dd))
		return diag_set(d, -EBUSY, "'%s' is lent to a zone", dd->dd_linkname);
	r = dls_link_busy(dd, d);
	if (r == 0 && !dd->dd_transient && dls_flow_any(dd->dd_linkid))
		r = diag_set(d, -EBUSY, "'%s' still has flows", dd->dd_linkname);
	if (r == 0)
		r = dls_nl_open(dd->dd_owner_zid, &home);
	if (r < 0)
		return r;
	r = dls_devnet_condemn(dd);
	if (r < 0)
		return diag_set(d, r, "'%s' has links over it", dd->dd_linkname);
	r = dd->dd_ops->destroy(dd, home);
	if (r < 0) {
		diag_set(d, r, "cannot remove '%s': %s", dd->dd_linkname, nl_text(home));
		dls_devnet_restore(dd);
	} else if (dd->dd_ops->ended) {
		dd->dd_ops->ended(dd, home);
	}
	return r;
}

/* What follows a condemned link's device; the caller had one temporary hold and the perimeter. */
static void finish_condemned(struct devnet *dd)
{
	datalink_id_t over = dd->dd_over, id = dd->dd_linkid;

	dls_perim_exit(dd);
	dls_prop_forget(id);
	dls_devnet_rele_tmp(dd);
	lower_rele(over, dd->dd_class == DATALINK_CLASS_VNIC ? dd->dd_spec.vid : 0);
	dls_stat_forget(dd->dd_linkid);
	dls_flow_detach(dd->dd_linkid);
	dls_devnet_free(dd);
	(void)dls_state_save(id);
}

int dls_link_delete(datalink_id_t id, struct diag *d)
{
	struct devnet *dd;
	int r;

	r = dls_devnet_hold_tmp(id, &dd);
	if (r < 0)
		return r;
	r = dls_perim_enter(dd);
	if (r < 0) {
		dls_devnet_rele_tmp(dd);
		return r;
	}
	r = delete_in_perim(dd, d);
	if (r < 0) {
		dls_perim_exit(dd);
		dls_devnet_rele_tmp(dd);
		return r;
	}
	finish_condemned(dd);
	return 0;
}

int dls_link_end_own(struct devnet *dd)
{
	int r = dls_devnet_condemn(dd);

	if (r == 0)
		finish_condemned(dd);
	return r;
}

/* A namespace that dies by itself keeps what is in there for a moment, a vlan's id for one. */
static int create_again(struct devnet *dd, struct devnet *lower, struct nl *home, struct diag *d)
{
	const struct timespec pause = {.tv_nsec = GONE_PAUSE * 1000000L};
	int r = create_over(dd, lower, home, NULL, d);

	for (int i = 0; i < GONE_TRIES && r == -EEXIST; i++) {
		(void)nanosleep(&pause, NULL);
		r = create_over(dd, lower, home, NULL, d);
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

/* Its other end is not ours to see, but it is there: the host's root took it elsewhere. */
static bool taken_elsewhere(const struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct nl_link port;

	return dd->dd_port && nl_open(FD_NONE, &home) == 0 &&
	       nl_link_get(home, dd->dd_port, &port) == 0;
}

/* In the perimeter; leaves it and releases the caller's temporary hold. */
void dls_link_vanished(struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;
	datalink_id_t id = dd->dd_linkid;

	log_line(LOG_NOTICE, "link=%s: Device %s is gone", dd->dd_linkname, dd->dd_device);
	if (taken_elsewhere(dd) || dls_devnet_condemn(dd) < 0) { /* known, without a device */
		struct dls_place nowhere = dd->dd_at;

		nowhere.ifindex = 0;
		dls_devnet_set_place(dd, nowhere);
		dls_perim_exit(dd);
		dls_devnet_rele_tmp(dd);
		(void)dls_state_save(id);
		return;
	}
	if (dd->dd_ops->ended && nl_open(FD_NONE, &home) == 0)
		dd->dd_ops->ended(dd, home);
	finish_condemned(dd);
	if (id != DATALINK_INVALID_LINKID)
		(void)dls_mgmt_destroy(id, false);
}
