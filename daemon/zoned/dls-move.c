/* SPDX-License-Identifier: MIT */
/*
 * Lending a link to a zone and taking it home: the device changes its network
 * namespace, dlmgmtd and the zone's list of links change with it, or nothing does.
 * A vnic is not moved, the zone gets a twin of it (dls-twin.c); here is how a NIC goes, and
 * out, but not home, everything else: that is made anew at home.
 *
 * The kernel moves a device and renames it in two steps of one request and does not
 * take the first back when the second fails. So a device moves under a random name
 * that nobody has, with an index that we asked for and wrote down before, and gets
 * its real name afterwards; whoever is root at the other end can make that name
 * fail, not the move.
 *
 * What a zone's root did to the device is taken off on the way home: queueing and
 * filters, programs, alternative names, its own MAC address, its place in a bridge;
 * the kernel itself drops addresses and routes. A virtual device that is not
 * there to come home to is made again.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "linux/log.h"
#include "linux/uppers.h"

#include <arpa/inet.h>
#include <linux/rtnetlink.h>
#include <sys/random.h>

#define MOVE_TRIES 16

/* ---- holds ---- */

static int addr_holds(const struct nl_addr *a, void *arg)
{
	/* A link-local IPv6 address comes and goes with the device by itself. */
	if (a->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL(&a->v6))
		return 0;
	return 1;
}

static int is_upper(const struct nl_link *l, void *arg)
{
	const int *ifindex = arg;

	/*
	 * A veth's link is its peer, never something below it; and that of a twin whose
	 * namespace is dying may carry our number, because it counts somewhere else.
	 */
	return l->link == *ifindex && l->link_nsid == -1 && !streq(l->kind, "veth");
}

/* Of the devices in a zone the kernel's list is read; they are few. */
static int has_uppers(const struct devnet *dd, struct nl *where, const struct nl_link *l)
{
	int ifindex = l->ifindex, r;
	bool found;

	if (dls_at_home(dd) && dd->dd_owner_zid == GLOBAL_ZONEID) {
		r = device_has_uppers(l->name, ifindex, &found);
		if (r != -EOPNOTSUPP)
			return r < 0 ? r : found;
	}
	return nl_link_each(where, is_upper, &ifindex);
}

static int busy_in(struct devnet *dd, struct nl *where, const struct nl_link *l, struct diag *d)
{
	bool route = false;
	int r;

	if (l->master)
		return diag_set(d, -EBUSY, "'%s' is a port of another device", dd->dd_linkname);
	r = nl_addr_each(where, l->ifindex, addr_holds, NULL);
	if (r > 0)
		return diag_set(d, -EBUSY, "'%s' has an address", dd->dd_linkname);
	/* With a device that goes down the kernel takes away all routes over it, and it makes none then. */
	if (r == 0 && (l->flags & IFF_UP))
		r = nl_route_on(where, l->ifindex, &route);
	if (r == 0 && route)
		return diag_set(d, -EBUSY, "'%s' has a route", dd->dd_linkname);
	if (r == 0 && dd->dd_class != DATALINK_CLASS_PHYS)
		r = has_uppers(dd, where, l);
	if (r > 0)
		return diag_set(d, -EBUSY, "'%s' has devices over it", dd->dd_linkname);
	return r;
}

int dls_link_busy(struct devnet *dd, struct diag *d)
{
	_cleanup_nl_ struct nl *where = NULL;
	struct nl_link l;
	int r;

	r = dls_nl_open(dd->dd_at.zone, &where);
	if (r == -ENXIO)
		return 0;
	if (r < 0)
		return r;
	r = nl_link_get(where, dd->dd_at.ifindex, &l);
	if (r == -ENODEV) /* nobody uses what is not there */
		return 0;
	if (r == 0 && !dls_at_home(dd) && (l.flags & IFF_UP))
		return diag_set(d, -EBUSY, "'%s' is up in its zone", dd->dd_linkname);
	if (r == 0)
		r = busy_in(dd, where, &l, d);
	if (r == 0 && dd->dd_ops->busy)
		r = dd->dd_ops->busy(dd, where, d);
	return r;
}

/* ---- one device from here to there ---- */

struct journey {
	struct nl *from;
	struct nl *to;
	int to_fd; /* network namespace */
	struct dls_place target;
};

static uint32_t random_u32(void)
{
	uint32_t v = 0;

	(void)getrandom(&v, sizeof(v), 0);
	return v;
}

void dls_random_name(char ret[static IFNAMSIZ])
{
	(void)snprintf(ret, IFNAMSIZ, "zl%08x", random_u32());
}

int dls_random_index(void)
{
	return (int)(random_u32() % 0x3fffffffu) + 0x1000;
}

int dls_rename_random(struct nl *nl, int ifindex)
{
	char name[IFNAMSIZ];
	int r = -EEXIST;

	for (int i = 0; i < MOVE_TRIES && r == -EEXIST; i++) {
		dls_random_name(name);
		r = nl_link_set_name(nl, ifindex, name);
	}
	return r;
}

/* Moves it, trying other indexes when the wanted one is taken there. */
static int journey_move(struct devnet *dd, struct journey *j, int ifindex)
{
	int r = -EBUSY;

	for (int i = 0; i < MOVE_TRIES && (r == -EBUSY || r == -EEXIST); i++) {
		if (i > 0 || !j->target.ifindex)
			j->target.ifindex = dls_random_index();
		dls_devnet_set_target(dd, j->target);
		r = dls_state_save(dd->dd_linkid);
		if (r < 0)
			break;
		r = nl_link_move(j->from, ifindex, j->to_fd, j->target.ifindex);
		if (r == -EEXIST)
			(void)dls_rename_random(j->from, ifindex);
	}
	if (r < 0)
		dls_devnet_set_target(dd, (struct dls_place){0});
	else
		dls_devnet_set_place(dd, j->target);
	return r;
}

void dls_name_device(struct devnet *dd, struct nl *nl, const char *wanted)
{
	char other[IFNAMSIZ];
	const char *got = NULL;
	int ifindex = dd->dd_at.ifindex;
	struct nl_link l;

	(void)snprintf(other, sizeof(other), "dl%u", dd->dd_linkid);
	if (wanted[0] && strlen(wanted) < IFNAMSIZ && nl_link_set_name(nl, ifindex, wanted) == 0)
		got = wanted;
	else if (nl_link_set_name(nl, ifindex, other) == 0)
		got = other;
	if (got && dls_at_home(dd) && got != dd->dd_device)
		dls_devnet_set_device(dd, got);
	if (got && streq(got, dd->dd_linkname))
		return;
	if (nl_altname_add(nl, ifindex, dd->dd_linkname) == 0)
		return;
	if (nl_link_get_name(nl, dd->dd_linkname, &l) < 0 || l.ifindex != ifindex)
		log_line(LOG_NOTICE, "link=%s: Name is taken in zone %d, the device is %s",
			dd->dd_linkname, (int)dd->dd_at.zone, got ? got : "unnamed");
}

/* ---- out ---- */

/* What has to be known to undo a lending that fails half way. */
static void undo_out(struct devnet *dd, struct nl *home, const struct nl_link *was)
{
	dls_name_device(dd, home, was->name);
	(void)nl_link_set_flags(home, dd->dd_at.ifindex, was->flags & IFF_UP, IFF_UP);
}

static int prepare_out(struct devnet *dd, struct nl *home, struct nl_link *was, struct diag *d)
{
	int r;

	r = nl_link_get(home, dd->dd_at.ifindex, was);
	if (r < 0)
		return diag_set(d, r, "the device of '%s' is gone", dd->dd_linkname);
	if (!dd->dd_ops->kinds[0])
		dls_devnet_set_mac(dd, was->mac);
	dls_devnet_set_device(dd, was->name);
	dls_devnet_set_mtu(dd, was->mtu);
	r = nl_link_set_flags(home, was->ifindex, 0, IFF_UP);
	if (r == 0)
		r = nl_altname_clear(home, was->ifindex);
	if (r == 0)
		r = dls_rename_random(home, was->ifindex);
	if (r < 0) {
		diag_set(d, r, "cannot take '%s' out of the global zone: %s", dd->dd_linkname,
			nl_text(home));
		undo_out(dd, home, was);
	}
	return r;
}

static int send_device(struct devnet *dd, zoneid_t zone, int netns, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	_cleanup_nl_ struct nl *there = NULL;
	struct nl_link was;
	struct journey j;
	int r;

	r = nl_open(FD_NONE, &home);
	if (r == 0)
		r = nl_open(netns, &there);
	if (r < 0)
		return diag_errno(d, r, "cannot open rtnetlink");
	j = (struct journey){home, there, netns, {zone, 0, dd->dd_at.ifindex}};
	r = netns_inode(netns, &j.target.netns);
	if (r == 0)
		r = prepare_out(dd, home, &was, d);
	if (r < 0)
		return r;
	r = journey_move(dd, &j, was.ifindex);
	if (r < 0) {
		diag_set(d, r, "cannot move '%s': %s", dd->dd_linkname, nl_text(home));
		undo_out(dd, home, &was);
		return r;
	}
	dls_name_device(dd, there, dd->dd_linkname);
	return 0;
}

int dls_move_out(struct devnet *dd, zoneid_t zone, struct diag *d)
{
	_cleanup_close_ int netns = FD_NONE;
	int r;

	r = zone_netns_fd(zone, &netns);
	if (r < 0)
		return diag_set(
			d, r, "zone %d is not ready, or has no network of its own", (int)zone);
	r = dls_twin_wanted(dd) ? dls_twin_out(dd, zone, netns, d)
				: send_device(dd, zone, netns, d);
	return r < 0 ? r : dls_prop_settle(dd, false, d); /* on failure the caller takes it home */
}

/* ---- home ---- */

/* Takes off what the zone's root may have put on it; in the zone's namespace. */
static int strip(struct nl *zone, const struct nl_link *l)
{
	const unsigned int flags =
		IFF_UP | IFF_PROMISC | IFF_ALLMULTI | IFF_NOARP | IFF_DYNAMIC | IFF_MULTICAST;
	int r;

	r = nl_link_set_flags(zone, l->ifindex, IFF_MULTICAST, flags);
	if (r == 0 && l->master)
		r = nl_link_set_master(zone, l->ifindex, 0);
	if (r == 0)
		r = nl_link_clear_xdp(zone, l->ifindex);
	if (r == 0)
		r = nl_link_clear_tc(zone, l->ifindex);
	if (r == 0)
		r = nl_altname_clear(zone, l->ifindex);
	if (r == 0)
		r = nl_link_clear_alias(zone, l->ifindex);
	if (r == 0)
		r = dls_rename_random(zone, l->ifindex);
	return r;
}

/* Our own settings, which the zone's root may have changed. */
static void restore(struct devnet *dd, struct nl *home)
{
	int ifindex = dd->dd_at.ifindex, r;

	r = dd->dd_ops->kinds[0] ? 0 : nl_link_set_mac(home, ifindex, dd->dd_mac);
	if (r == 0 && dd->dd_mtu)
		r = nl_link_set_mtu(home, ifindex, dd->dd_mtu);
	if (r < 0)
		log_line(LOG_WARNING, "link=%s: Cannot restore the device: %s", dd->dd_linkname,
			nl_text(home));
	dls_name_device(dd, home, dd->dd_device[0] ? dd->dd_device : dd->dd_linkname);
}

static int fetch_nic(struct devnet *dd, int netns, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	_cleanup_nl_ struct nl *zone = NULL;
	struct nl_link l;
	struct journey j;
	int r;

	if (netns < 0)
		return diag_set(d, -ENODEV, "the namespace is gone");
	r = nl_open(FD_NONE, &home);
	if (r == 0)
		r = nl_open(netns, &zone);
	if (r < 0)
		return diag_errno(d, r, "cannot open rtnetlink");
	r = nl_link_get(zone, dd->dd_at.ifindex, &l);
	if (r < 0)
		return diag_set(d, -ENODEV, "'%s' is not in its zone any more", dd->dd_linkname);
	r = strip(zone, &l);
	if (r < 0)
		return diag_set(d, r, "cannot take '%s' home: %s", dd->dd_linkname, nl_text(zone));
	j = (struct journey){
		zone, home, dls_home(), {GLOBAL_ZONEID, dls_home_inode(), dd->dd_home_ifindex}};
	r = journey_move(dd, &j, l.ifindex);
	if (r < 0)
		return diag_set(d, r, "cannot take '%s' home: %s", dd->dd_linkname, nl_text(zone));
	restore(dd, home);
	return 0;
}

static int move_home(struct devnet *dd, int netns, bool dying, struct diag *d)
{
	int r;

	if (dd->dd_ops->kinds[0]) /* nothing of what the zone's root did to it comes along */
		return dls_link_remake(dd, d);
	r = dls_twin_has(dd) ? dls_twin_home(dd, netns, dying, d) : fetch_nic(dd, netns, d);
	if (r == 0)
		return 0;
	log_line(LOG_NOTICE, "link=%s: Cannot be fetched from zone %d: %s", dd->dd_linkname,
		(int)dd->dd_at.zone, d ? d->text : strerror(-r));
	return dls_link_remake(dd, d);
}

int dls_move_home(struct devnet *dd, int netns, bool dying, struct diag *d)
{
	struct diag why = {0};
	int r = move_home(dd, netns, dying, d);

	if (r == 0)
		dls_prop_lent_ends(dd);
	if (r == 0 && dls_prop_settle(dd, false, &why) < 0)
		log_line(LOG_ERR, "link=%s: %s", dd->dd_linkname, why.text);
	return r;
}

void dls_move_rename(struct devnet *dd)
{
	_cleanup_nl_ struct nl *nl = NULL;
	struct nl_link l;

	if (dls_nl_open(dd->dd_at.zone, &nl) < 0 || nl_link_get(nl, dd->dd_at.ifindex, &l) < 0)
		return;
	if (dd->dd_at.zone == GLOBAL_ZONEID)
		restore(dd, nl);
	else
		dls_name_device(dd, nl, dd->dd_linkname);
}

/* ---- with dlmgmtd ---- */

void dls_move_tell(struct devnet *dd)
{
	bool later;
	int r;

	/* dlmgmtd calls back for the zone's list, which before the door is served would fail. */
	r = dls_watch_started() ? dls_mgmt_setzoneid(dd->dd_linkid, dd->dd_at.zone) : -EAGAIN;
	/* What dlmgmtd refuses for good will not be told again. */
	later = r == -EBADF || r == -EINTR || r == -EAGAIN;
	dls_devnet_set_flag(dd, DD_UNTOLD, later);
	if (later)
		dls_watch_kick();
	else if (r < 0)
		log_line(LOG_WARNING, "link=%s: dlmgmtd does not take zone %d for it: %s",
			dd->dd_linkname, (int)dd->dd_at.zone, strerror(-r));
}

static int move(struct devnet *dd, zoneid_t zone, struct diag *d)
{
	_cleanup_close_ int netns = FD_NONE;
	int r;

	if (dd->dd_at.zone != GLOBAL_ZONEID) {
		/* No namespace: it went without warning, and the device with it. */
		(void)zone_netns_fd(dd->dd_at.zone, &netns);
		r = dls_move_home(dd, netns, netns < 0, d);
		if (r < 0)
			return r;
	}
	return zone == GLOBAL_ZONEID ? 0 : dls_move_out(dd, zone, d);
}

static int setzid_in_perim(struct devnet *dd, zoneid_t zone, struct diag *d)
{
	zoneid_t old = dd->dd_at.zone;
	int r, r2;

	r = move(dd, zone, d);
	if (r == 0) {
		r = dls_mgmt_setzoneid(dd->dd_linkid, zone);
		if (r == 0)
			return 0;
		diag_errno(d, r,
			r == -EBADF ? "dlmgmtd does not answer for '%s'"
				    : "dlmgmtd refuses the zone of '%s'",
			dd->dd_linkname);
	}
	/* Everything back; a move that failed half way may have left it at home. */
	if (dd->dd_at.zone != old) {
		r2 = move(dd, old, NULL);
		if (r2 < 0)
			log_line(LOG_ERR, "link=%s: Cannot go back to zone %d: %s", dd->dd_linkname,
				(int)old, strerror(-r2));
	}
	if (r == -EINTR) /* dlmgmtd died over it: nobody knows how far it came */
		dls_move_tell(dd);
	return r;
}

/* Holds before and after a change of the zone: a link is lent by one reference. */
static int lend_hold(struct devnet *dd, zoneid_t zone, struct diag *d)
{
	int r = 0;

	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (dd->dd_at.zone == GLOBAL_ZONEID) {
		if (dd->dd_ref != 1)
			r = -EBUSY;
		else
			dd->dd_ref++;
	}
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	return r < 0 ? diag_set(d, r, "'%s' has links over it", dd->dd_linkname) : 0;
}

int dls_devnet_setzid(struct devnet *dd, zoneid_t zone, struct diag *d)
{
	int r;

	r = dls_perim_enter(dd);
	if (r < 0)
		return r;
	if (dd->dd_at.zone == zone)
		goto out;
	if (dd->dd_owner_zid != GLOBAL_ZONEID) {
		r = diag_set(
			d, -EPERM, "'%s' was made in its zone and is that zone's", dd->dd_linkname);
		goto out;
	}
	if (!dd->dd_ops->lendable) {
		r = diag_set(d, -ENOTSUP, "%s cannot be given to a zone", dd->dd_ops->noun);
		goto out;
	}
	if (zone != GLOBAL_ZONEID && dd->dd_ops->stays && dd->dd_ops->stays(dd)) {
		r = diag_set(d, -ENOTSUP,
			"the table of '%s' stays here; a vnic over it can be given to a zone",
			dd->dd_linkname);
		goto out;
	}
	r = dls_link_busy(dd, d);
	/* What nothing outside its zone can count. */
	if (r == 0 && zone != GLOBAL_ZONEID && !dls_twin_wanted(dd) && dls_flow_any(dd->dd_linkid))
		r = diag_set(d, -EBUSY, "'%s' has flows", dd->dd_linkname);
	if (r == 0)
		r = lend_hold(dd, zone, d);
	if (r < 0)
		goto out;
	dls_devnet_set_moving(dd, dd->dd_at.zone, zone);
	r = setzid_in_perim(dd, zone, d);
	dls_devnet_set_moving(dd, GLOBAL_ZONEID, GLOBAL_ZONEID);
	if (dd->dd_at.zone == GLOBAL_ZONEID)
		dls_devnet_rele(dd);
	(void)dls_state_save(dd->dd_linkid);
out:
	dls_perim_exit(dd);
	return r;
}
