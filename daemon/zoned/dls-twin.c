/* SPDX-License-Identifier: MIT */
/*
 * Lending a vnic. Its device stays at home, down and under a hidden name, and the
 * zone gets a twin of it: a new device, born in the zone's network namespace,
 * with the same MAC address, MTU and name. When the link comes home the twin is cut off and
 * the device at home gets its name back; nothing of what the zone's root did to
 * his can come with it, and a namespace that died took nothing of ours along.
 *
 * Linux: moving a device between namespaces makes the kernel wait for its RCU, tens of
 * milliseconds each way, and so does deleting one. Making one takes half of one. A
 * twin is therefore left to die with its namespace. A veth's twin that is still there
 * after a while, because somebody holds the namespace, is removed by the watcher.
 *
 * A NIC that is to be held from outside (prop.c) is lent in the same way: its twin is a veth that is led to
 * the NIC. That keeps its name at home, where others may know it, and must not be used there meanwhile.
 *
 * The twin's indexes are chosen and on disk before it exists, so that a zoned that
 * was killed finds it. Its port is vz<linkid>-<n>: that of an earlier one may be there still.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "linux/log.h"

#include <time.h>

#define TWIN_TRIES 16
#define TWIN_GRACE 1 /* second that a namespace has to die in */

/* ---- which ---- */

static bool is_nic(const struct devnet *dd)
{
	return dd->dd_class == DATALINK_CLASS_PHYS;
}

bool dls_twin_has(const struct devnet *dd)
{
	return dd->dd_ops->create_twin && (!is_nic(dd) || dd->dd_twin_port);
}

bool dls_twin_wanted(const struct devnet *dd)
{
	return dd->dd_ops->create_twin && (!is_nic(dd) || dls_prop_asks(dd));
}

struct dls_place dls_device_place(const struct devnet *dd)
{
	if (is_nic(dd) && !dls_at_home(dd) && dls_twin_has(dd))
		return (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), dd->dd_home_ifindex};
	return dd->dd_at;
}

/* ---- cut off, but still there ---- */

struct orphan {
	struct orphan *next;
	int port;
	time_t since;
};

static pthread_mutex_t orphans_lock = PTHREAD_MUTEX_INITIALIZER; /* the list; leaf */
static struct orphan *orphans;

static time_t now(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static void orphan_add(int port, time_t since)
{
	struct orphan *o = malloc(sizeof(*o));

	if (!o) /* it can do no harm, and the next zoned sweeps it away */
		return;
	*o = (struct orphan){.port = port, .since = since};
	(void)pthread_mutex_lock(&orphans_lock);
	o->next = orphans;
	orphans = o;
	(void)pthread_mutex_unlock(&orphans_lock);
	dls_watch_kick();
}

/* One whose time is over, for the caller. ret_left: there are others. */
static struct orphan *orphan_take(bool *ret_left)
{
	struct orphan **at, *o;

	(void)pthread_mutex_lock(&orphans_lock);
	for (at = &orphans; *at && now() <= (*at)->since + TWIN_GRACE; at = &(*at)->next)
		;
	o = *at;
	if (o)
		*at = o->next;
	*ret_left = orphans != NULL;
	(void)pthread_mutex_unlock(&orphans_lock);
	return o;
}

bool dls_twin_is_port(const struct nl_link *l)
{
	unsigned int id, n;
	int end = 0;

	return streq(l->kind, "veth") && sscanf(l->name, "vz%u-%u%n", &id, &n, &end) == 2 &&
	       !l->name[end];
}

/* One that is in no bridge any more; its index could have been given to another. */
static bool is_cut_off(const struct nl_link *l)
{
	return dls_twin_is_port(l) && !l->master;
}

static void remove_cut_off(struct nl *home, const struct nl_link *l)
{
	int r = is_cut_off(l) ? nl_link_delete(home, l->ifindex) : 0;

	if (r < 0 && r != -ENODEV)
		log_line(LOG_WARNING, "link: Cannot remove %s: %s", l->name, nl_text(home));
}

bool dls_twin_reap(void)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct orphan *o;
	struct nl_link l;
	bool left;

	while ((o = orphan_take(&left))) {
		if ((home || nl_open(FD_NONE, &home) == 0) && nl_link_get(home, o->port, &l) == 0)
			remove_cut_off(home, &l);
		free(o);
	}
	return left;
}

static int sweep_step(const struct nl_link *l, void *arg)
{
	struct devnet *dd;

	if (!is_cut_off(l))
		return 0;
	dd = dls_devnet_hold_by_ifindex(l->ifindex);
	if (dd)
		dls_devnet_rele_tmp(dd);
	else
		orphan_add(l->ifindex, 0);
	return 0;
}

void dls_twin_sweep(struct nl *home)
{
	(void)nl_link_each(home, sweep_step, NULL);
	(void)dls_twin_reap();
}

/* ---- the device at home ---- */

/* Down, and under a name that nobody looks for. */
static int hide(struct devnet *dd, struct nl *home, int ifindex)
{
	char name[IFNAMSIZ];
	int r;

	if (is_nic(dd))
		return 0;
	r = nl_altname_clear(home, ifindex);
	if (r < 0)
		return r;
	(void)snprintf(name, sizeof(name), "vh%u", dd->dd_linkid);
	r = nl_link_set_name(home, ifindex, name);
	return r == -EEXIST ? dls_rename_random(home, ifindex) : r;
}

/* As it was; its MTU may have been changed meanwhile. */
static int show(struct devnet *dd, struct nl *home, int ifindex)
{
	struct dls_place here = {GLOBAL_ZONEID, dls_home_inode(), ifindex};
	struct devnet_info i;
	struct nl_link l;
	int r;

	dls_devnet_info(dd, &i);
	i.at = here;
	r = nl_link_get(home, ifindex, &l);
	if (r < 0 || !dd->dd_ops->ours(&i, &l, home, home))
		return -ENODEV;
	dls_devnet_set_place(dd, here);
	if (l.mtu != i.mtu && dd->dd_ops->set_mtu(dd, home, home, i.mtu) < 0)
		log_line(LOG_WARNING, "link=%s: Cannot restore the mtu", i.linkname);
	if (!is_nic(dd))
		dls_name_device(dd, home, i.device[0] ? i.device : i.linkname);
	return 0;
}

/* ---- the twin ---- */

static const char *twin_name(struct devnet *dd, int try, char buf[static IFNAMSIZ])
{
	if (try == 0 && strlen(dd->dd_linkname) < IFNAMSIZ)
		return dd->dd_linkname;
	if (try <= 1)
		(void)snprintf(buf, IFNAMSIZ, "dl%u", dd->dd_linkid);
	else
		dls_random_name(buf);
	return buf;
}

/* Makes it, trying other names and indexes when those are taken. */
static int twin_make(struct devnet *dd, struct dls_place *at, int netns,
	const struct mac_lower *lower, struct nl *home, struct diag *d)
{
	char buf[IFNAMSIZ];
	int r = -EEXIST, name = 0;

	for (int i = 0; i < TWIN_TRIES && (r == -EEXIST || r == -EBUSY); i++) {
		/* A veth in the zone has the index of the one at home if it can. */
		at->ifindex = i == 0 && dd->dd_port ? dd->dd_at.ifindex : dls_random_index();
		dls_devnet_set_target(dd, *at);
		dls_devnet_set_twin_port(dd, dls_random_index());
		r = dls_state_save(dd->dd_linkid);
		if (r < 0)
			return diag_errno(d, r, "cannot write the state of links");
		r = dd->dd_ops->create_twin(dd, twin_name(dd, name, buf), lower, netns, home, d);
		if (r == -EEXIST)
			name++;
	}
	return r;
}

/* A name that the zone's root had given away already: the link's is an alternative one. */
static void twin_altname(struct devnet *dd, int netns)
{
	_cleanup_nl_ struct nl *zone = NULL;
	struct nl_link l;

	if (nl_open(netns, &zone) < 0 || nl_link_get(zone, dd->dd_at.ifindex, &l) < 0)
		return;
	if (!streq(l.name, dd->dd_linkname) && nl_altname_add(zone, l.ifindex, dd->dd_linkname) < 0)
		log_line(LOG_NOTICE, "link=%s: Name is taken in zone %d, the device is %s",
			dd->dd_linkname, (int)dd->dd_at.zone, l.name);
}

/* No frame passes it any more. It dies with its namespace, or now. */
static int twin_end(struct devnet *dd, struct dls_place at, int netns, bool at_once,
	struct nl *home, struct diag *d)
{
	int port = dd->dd_twin_port, r;

	r = at_once ? dd->dd_ops->destroy_twin(dd, at, netns, home)
		    : dd->dd_ops->cut_twin(dd, at, netns, home);
	if (r < 0)
		return diag_errno(d, r, "cannot remove the device of '%s' in zone %d",
			dd->dd_linkname, (int)at.zone);
	if (port && !at_once)
		orphan_add(port, now());
	dls_devnet_set_twin_port(dd, 0);
	return 0;
}

/* ---- out and home ---- */

static int lend(struct devnet *dd, struct dls_place *at, int netns, struct nl *home, struct diag *d)
{
	struct devnet *lower = NULL;
	struct mac_lower below = {0};
	int r;

	r = dd->dd_over ? dls_link_lower_enter(dd, home, &lower, &below, d) : 0;
	if (r < 0)
		return r;
	r = twin_make(dd, at, netns, &below, home, d);
	if (lower)
		dls_link_lower_exit(lower);
	if (r < 0) {
		dls_devnet_set_twin_port(dd, 0);
		dls_devnet_set_target(dd, (struct dls_place){0});
		return r;
	}
	r = hide(dd, home, dd->dd_at.ifindex);
	if (r < 0)
		return diag_set(d, r, "cannot take '%s' out of the global zone: %s",
			dd->dd_linkname, nl_text(home));
	dls_devnet_set_place(dd, *at);
	twin_altname(dd, netns);
	return 0;
}

int dls_twin_out(struct devnet *dd, zoneid_t zone, int netns, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct dls_place at = {.zone = zone};
	int ifindex = dd->dd_at.ifindex, r;
	struct nl_link was;

	r = nl_open(FD_NONE, &home);
	if (r == 0)
		r = netns_inode(netns, &at.netns);
	if (r < 0)
		return diag_errno(d, r, "cannot open rtnetlink");
	r = nl_link_get(home, ifindex, &was);
	if (r < 0)
		return diag_set(d, r, "the device of '%s' is gone", dd->dd_linkname);
	dls_devnet_set_mtu(dd, was.mtu);
	if (is_nic(dd)) {
		dls_devnet_set_mac(dd, was.mac);
		dls_devnet_set_device(dd, was.name);
	}
	dls_stat_leave(dd);
	r = nl_link_set_flags(home, ifindex, 0, IFF_UP); /* before its twin can be up */
	if (r < 0)
		return diag_set(d, r, "cannot bring '%s' down: %s", was.name, nl_text(home));
	r = lend(dd, &at, netns, home, d);
	if (r == 0) {
		dls_stat_settle(dd);
		dls_flow_settle(dd);
		return 0;
	}
	if (dd->dd_to.ifindex)
		(void)twin_end(dd, at, netns, true, home, NULL);
	(void)show(dd, home, ifindex);
	(void)nl_link_set_flags(home, ifindex, was.flags & IFF_UP, IFF_UP);
	return r;
}

/*
 * From now on the twin may be gone. At the end of a zone nobody has to know:
 * whoever finds that cut off ends it again.
 */
static int announce_home(struct devnet *dd, struct diag *d)
{
	struct dls_place here = {GLOBAL_ZONEID, dls_home_inode(), dd->dd_home_ifindex};
	int r;

	dls_devnet_set_target(dd, here);
	r = dls_state_save(dd->dd_linkid);
	if (r == 0)
		return 0;
	dls_devnet_set_target(dd, (struct dls_place){0});
	return diag_errno(d, r, "cannot write the state of links");
}

int dls_twin_home(struct devnet *dd, int netns, bool dying, struct diag *d)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct dls_place at = dd->dd_at;
	int r;

	r = nl_open(FD_NONE, &home);
	if (r < 0)
		return diag_errno(d, r, "cannot open rtnetlink");
	r = dying ? 0 : announce_home(dd, d);
	if (r < 0)
		return r;
	dls_stat_leave(dd);
	r = twin_end(dd, at, netns, !dying, home, d);
	if (r < 0)
		return r;
	r = show(dd, home, dd->dd_home_ifindex);
	if (r == 0) {
		dls_stat_settle(dd);
		dls_flow_settle(dd);
	}
	return r < 0 ? diag_set(d, r, "the device of '%s' at home is gone", dd->dd_linkname) : 0;
}
