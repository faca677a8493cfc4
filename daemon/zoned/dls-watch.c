/* SPDX-License-Identifier: MIT */
/*
 * The watcher: one thread that hears of devices at home that appear, change or
 * go, takes NICs in and lets vanished links go; and that completes what dlmgmtd was
 * not there for: NICs without a name, zones it was not told. It also removes what is
 * left of twins (dls-twin.c).
 *
 * A NIC is an Ethernet device that no rtnetlink kind made, or a veth whose other
 * end is in another network namespace, that is no bridge's port and was none of ours:
 * what a container calls its NIC. Messages are hints: each is checked against the kernel in
 * the link's perimeter before anything follows from it, so that our own moves, half
 * seen, mean nothing.
 */
#include "zoned/event.h"
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "linux/log.h"

#include <ctype.h>
#include <net/if_arp.h>
#include <poll.h>
#include <stdatomic.h>
#include <sys/eventfd.h>

#define RETRY_MS 1000 /* while something waits for dlmgmtd */

static struct nl *ear;
static int ear_fd = FD_NONE;
static int kick_fd = FD_NONE;
static atomic_bool started;

bool dls_watch_is_nic(const struct nl_link *l)
{
	if (l->type != ARPHRD_ETHER)
		return false;
	if (!l->kind[0])
		return true;
	return streq(l->kind, "veth") && l->link_nsid >= 0 && !l->master && !dls_twin_is_port(l);
}

/* The number at the end of a device's name, the instance of illumos. */
static uint64_t device_instance(const char *name)
{
	size_t n = strlen(name);

	while (n > 0 && isdigit((unsigned char)name[n - 1]))
		n--;
	return strtoull(name + n, NULL, 10);
}

/* Its vanity name is an alternative one: the host keeps its own. */
static void set_vanity_name(struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;

	if (streq(dd->dd_linkname, dd->dd_device) || nl_open(FD_NONE, &home) < 0)
		return;
	if (nl_altname_add(home, dd->dd_at.ifindex, dd->dd_linkname) < 0)
		log_debug("link", "%s: no alternative name %s: %s", dd->dd_device, dd->dd_linkname,
			nl_text(home));
}

static void settle_properties(struct devnet *dd)
{
	struct diag d = {0};

	if (dls_prop_settle(dd, false, &d) < 0)
		log_line(LOG_ERR, "link=%s: %s", dd->dd_linkname, d.text);
}

/*
 * The id is known with another device: a NIC that came back to the host when the
 * namespace it was lent to died. The old entry takes the new device.
 */
static int adopt(datalink_id_t id, const struct devnet *fresh)
{
	_cleanup_close_ int netns = FD_NONE;
	struct devnet *old;
	int r;

	r = dls_devnet_hold_tmp(id, &old);
	if (r < 0)
		return r;
	r = dls_perim_enter(old);
	if (r == 0) {
		if (old->dd_at.zone != GLOBAL_ZONEID &&
			zone_netns_fd(old->dd_at.zone, &netns) < 0) {
			dls_devnet_set_place(old, fresh->dd_at);
			dls_devnet_rele(old);
			dls_move_tell(old);
		} else if (old->dd_at.zone == GLOBAL_ZONEID && old->dd_at.ifindex == 0) {
			dls_devnet_set_place(old, fresh->dd_at);
		} else {
			r = -EEXIST;
		}
		if (r == 0) {
			dls_devnet_set_device(old, fresh->dd_device);
			set_vanity_name(old);
			settle_properties(old);
			(void)dls_state_save(old->dd_linkid);
		}
		dls_perim_exit(old);
	}
	dls_devnet_rele_tmp(old);
	return r;
}

/* A NIC that comes has what is configured of it, as far as it can. */
static void load_properties(struct devnet *dd)
{
	struct diag d = {0};

	if (!prop_table_any(dd->dd_linkid) && dls_prop_load(dd, &d) < 0)
		log_line(LOG_ERR, "link=%s: %s", dd->dd_linkname, d.text);
}

int dls_watch_identify(struct devnet *dd)
{
	struct dls_linkinfo info;
	enum dlmgmt_was was;
	datalink_id_t id;
	int r;

	r = dls_mgmt_create(dd->dd_device, device_instance(dd->dd_device), DATALINK_CLASS_PHYS,
		DL_ETHER, true, &id, &was);
	if (r == 0)
		r = dls_mgmt_get_linkinfo(id, &info);
	if (r < 0)
		return r;
	if (was != DLMGMT_WAS_ACTIVE)
		event_post_link(id, info.name, was == DLMGMT_WAS_KNOWN);
	r = dls_devnet_identify(dd, id, info.name);
	if (r == -EEXIST) {
		r = adopt(id, dd);
		return r < 0 ? r : -EEXIST; /* this entry is not needed any more */
	}
	if (r < 0)
		return r;
	set_vanity_name(dd);
	load_properties(dd);
	dls_devnet_ready(dd);
	dls_flow_attach(dd);
	(void)dls_state_save(dd->dd_linkid);
	log_line(LOG_NOTICE, "link=%s: NIC %s", dd->dd_linkname, dd->dd_device);
	return 0;
}

/* A link that is just being made is its maker's. */
static bool needs_perimeter(const struct devnet_info *i)
{
	return (i->flags & (DD_UNTOLD | DD_NAMECHECK)) ||
	       ((i->flags & DD_INITIALIZING) && i->class == DATALINK_CLASS_PHYS);
}

/* Completes one link; in its perimeter, temporarily held. Returns true when it has to be tried again. */
static bool complete(struct devnet *dd)
{
	struct devnet_info i;
	int r = 0;

	if (dls_perim_enter(dd) < 0)
		return false;
	dls_devnet_info(dd, &i);
	if ((i.flags & DD_INITIALIZING) && i.class == DATALINK_CLASS_PHYS) {
		r = dls_watch_identify(dd);
		if (r == -EEXIST)
			(void)dls_devnet_condemn(dd);
		else if (r < 0)
			log_debug("link", "%s: no name yet: %s", i.device, strerror(-r));
	}
	if (i.flags & DD_UNTOLD) {
		dls_move_tell(dd);
		dls_devnet_info(dd, &i);
		if (i.flags & DD_UNTOLD)
			r = -EAGAIN;
	}
	if ((i.flags & DD_NAMECHECK) && !dls_rename_check(dd))
		r = -EAGAIN;
	dls_perim_exit(dd);
	return r < 0 && r != -EEXIST;
}

static void let_go(datalink_id_t id)
{
	struct devnet *dd;

	if (dls_devnet_hold_tmp(id, &dd) < 0)
		return;
	if (dls_perim_enter(dd) == 0) {
		dls_devnet_set_flag(dd, DD_PULLED, false);
		if (dls_at_home(dd) && !dd->dd_at.ifindex) {
			dls_link_vanished(dd); /* leaves and releases */
			return;
		}
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
}

bool dls_watch_complete(void)
{
	struct devnet **all;
	struct devnet_info i;
	bool left = false;
	size_t count;

	if (!dls_devnet_any_unfinished())
		return false;
	if (dls_devnet_snapshot(&all, &count) < 0) {
		dls_devnet_unfinished();
		return true;
	}
	for (size_t n = 0; n < count; n++) {
		struct devnet *dd = all[n];
		bool condemned;

		dls_devnet_info(dd, &i);
		if (needs_perimeter(&i))
			left |= complete(dd);
		dls_devnet_info(dd, &i);
		condemned = (i.flags & DD_CONDEMNED) && (i.flags & DD_INITIALIZING) &&
			    i.class == DATALINK_CLASS_PHYS;
		dls_devnet_rele_tmp(dd);
		if (i.flags & DD_PULLED)
			let_go(i.linkid);
		if ((i.flags & DD_LEFT) && dls_transient_end(i.linkid))
			left = true;
		if ((i.flags & DD_UNHELD) && dls_implicit_end(i.linkid))
			left = true;
		if (condemned) /* by complete() just now: nobody else frees an unnamed NIC */
			dls_devnet_free(dd);
	}
	free(all);
	if (left)
		dls_devnet_unfinished();
	return left;
}

/* ---- what the ear tells ---- */

static void nic_found(const struct nl_link *l)
{
	struct devnet *dd;

	if (dls_devnet_new(DATALINK_CLASS_PHYS, &dd) < 0)
		return;
	dls_devnet_set_device(dd, l->name);
	dls_devnet_set_mac(dd, l->mac);
	dd->dd_mactype = VNIC_MAC_ADDR_TYPE_PRIMARY;
	dls_devnet_set_place(dd, (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), l->ifindex});
	(void)dls_devnet_insert(dd); /* it has no id to collide */
	dls_watch_kick();
}

/* A device of ours was renamed; everything else of a change is the kernel's to know. */
static void device_changed(struct devnet *dd, int ifindex)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct nl_link l;

	if (dls_perim_enter(dd) < 0)
		return;
	if (dd->dd_at.zone == GLOBAL_ZONEID && nl_open(FD_NONE, &home) == 0 &&
		nl_link_get(home, ifindex, &l) == 0 && dd->dd_at.ifindex == ifindex &&
		!streq(l.name, dd->dd_device)) {
		dls_devnet_set_device(dd, l.name);
		(void)dls_state_save(dd->dd_linkid);
	}
	dls_perim_exit(dd);
}

/* The end of a vnic, which the host's root had taken elsewhere and brought back. */
static bool vnic_found(const struct nl_link *l)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct devnet *dd;
	struct nl_link port;

	if (!streq(l->kind, "veth") || l->link_nsid != -1)
		return false;
	dd = dls_devnet_hold_by_ifindex(l->link);
	if (!dd)
		return false;
	if (dls_perim_enter(dd) == 0) {
		if (dd->dd_port == l->link && dd->dd_at.zone == GLOBAL_ZONEID &&
			!dd->dd_at.ifindex && nl_open(FD_NONE, &home) == 0 &&
			nl_link_get(home, dd->dd_port, &port) == 0 && port.link == l->ifindex &&
			port.link_nsid == -1) {
			dls_devnet_set_place(dd,
				(struct dls_place){GLOBAL_ZONEID, dls_home_inode(), l->ifindex});
			(void)dls_state_save(dd->dd_linkid);
		}
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
	return true;
}

static void on_seen(const struct nl_link *l, void *arg)
{
	struct devnet *dd = dls_devnet_hold_by_ifindex(l->ifindex);

	if (dd) {
		device_changed(dd, l->ifindex);
		dls_devnet_rele_tmp(dd);
	} else if (!vnic_found(l) && dls_watch_is_nic(l)) {
		nic_found(l);
	}
}

static void on_gone(int ifindex, void *arg)
{
	_cleanup_nl_ struct nl *home = NULL;
	struct devnet *dd = dls_devnet_hold_by_ifindex(ifindex);
	struct nl_link l;

	if (!dd)
		return;
	if (dls_perim_enter(dd) == 0) {
		if (dd->dd_at.zone == GLOBAL_ZONEID && dd->dd_at.ifindex == ifindex &&
			nl_open(FD_NONE, &home) == 0 && nl_link_get(home, ifindex, &l) == -ENODEV) {
			dls_link_vanished(dd);
			return;
		}
		if (dd->dd_at.zone != GLOBAL_ZONEID && dd->dd_home_ifindex == ifindex &&
			dls_twin_has(dd)) {
			dls_devnet_forget_home(dd); /* made again when it comes home */
			(void)dls_state_save(dd->dd_linkid);
		}
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
}

static int scan_step(const struct nl_link *l, void *arg)
{
	on_seen(l, arg);
	return 0;
}

/* Links at home whose device is not there. */
static void scan_missing(void)
{
	struct devnet **all;
	struct devnet_info i;
	size_t count;

	if (dls_devnet_snapshot(&all, &count) < 0)
		return;
	for (size_t n = 0; n < count; n++) {
		dls_devnet_info(all[n], &i);
		dls_devnet_rele_tmp(all[n]);
		if (i.at.zone == GLOBAL_ZONEID && i.at.ifindex)
			on_gone(i.at.ifindex, NULL);
	}
	free(all);
}

int dls_watch_scan(void)
{
	_cleanup_nl_ struct nl *home = NULL;
	int r;

	r = nl_open(FD_NONE, &home);
	if (r == 0)
		r = nl_link_each(home, scan_step, NULL);
	if (r == 0)
		scan_missing();
	return r;
}

static void hear(void)
{
	int r;

	do {
		r = nl_read(ear, on_seen, on_gone, NULL);
	} while (r == 0);
	if (r == -ENOBUFS) /* messages were lost */
		(void)dls_watch_scan();
	else if (r != -EAGAIN && r != -EINTR)
		log_line(LOG_WARNING, "link: Cannot read changes of devices: %s", strerror(-r));
}

static void *watch(void *arg)
{
	struct pollfd p[] = {{.fd = ear_fd, .events = POLLIN}, {.fd = kick_fd, .events = POLLIN},
		{.fd = dls_implicit_ear(), .events = POLLIN}};
	bool left = true;
	uint64_t n;

	for (;;) {
		int r = poll(p, ARRAY_SIZE(p), left ? RETRY_MS : -1);

		if (r < 0 && errno != EINTR)
			log_line(LOG_ERR, "link: Cannot wait for changes: %s", strerror(errno));
		if (p[1].revents)
			(void)!read(kick_fd, &n, sizeof(n));
		if (p[0].revents)
			hear();
		if (p[2].revents)
			dls_implicit_hear();
		left = dls_watch_complete() | dls_twin_reap() | dls_untold_complete();
	}
	return NULL;
}

void dls_watch_kick(void)
{
	uint64_t one = 1;

	(void)!write(kick_fd, &one, sizeof(one));
}

int dls_watch_open(void)
{
	int r;

	kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (kick_fd < 0)
		return -errno;
	r = nl_open(FD_NONE, &ear);
	if (r < 0)
		return r;
	ear_fd = nl_listen(ear);
	return ear_fd < 0 ? ear_fd : 0;
}

bool dls_watch_started(void)
{
	return started;
}

int dls_watch_start(void)
{
	pthread_attr_t attr;
	pthread_t thread;
	int r;

	(void)pthread_attr_init(&attr);
	(void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	started = true;
	r = pthread_create(&thread, &attr, watch, NULL);
	(void)pthread_attr_destroy(&attr);
	return -r;
}
