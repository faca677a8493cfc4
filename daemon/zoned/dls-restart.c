/* SPDX-License-Identifier: MIT */
/*
 * The table after zoned was killed, in steps:
 *   1. every link of the state file is compared with the kernel: its device is where
 *      the file says, or where it was going, or nowhere
 *   2. vnics hold the links below them again
 *   3. links of zones that are gone come home, half-done moves are finished one
 *      way, links without a device are dropped
 *   4. NICs are taken in, dlmgmtd is asked for names and told what is gone
 * A device that lives is never touched, save one that was half made.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

#include "dladm/dlmgmt-door.h"
#include "linux/log.h"

#define OVER_OTHERS ((uint32_t)(DATALINK_CLASS_VNIC | DATALINK_CLASS_VLAN))

/* ---- 1 ---- */

static bool place_holds(struct devnet *dd, struct dls_place p, struct nl *home)
{
	_cleanup_close_ int netns = FD_NONE;
	_cleanup_nl_ struct nl *where = NULL;
	struct devnet_info i;
	struct nl_link l;
	uint64_t inode;

	if (!p.ifindex)
		return false;
	if (p.zone != GLOBAL_ZONEID && (zone_netns_fd(p.zone, &netns) < 0 ||
					       netns_inode(netns, &inode) < 0 || inode != p.netns))
		return false;
	if (nl_open(netns, &where) < 0 || nl_link_get(where, p.ifindex, &l) < 0)
		return false;
	dls_devnet_info(dd, &i);
	i.at = p;
	return !dd->dd_ops->ours || dd->dd_ops->ours(&i, &l, where, home);
}

/* A device at home that has the index, or the name and address, that we had chosen for it. */
static int find_made(const struct devnet_info *i, struct nl *home, struct nl_link *ret)
{
	const struct mac_ops *ops = mac_of_class(i->class);

	if (ops && ops->kinds[0])
		return i->to.ifindex && nl_link_get(home, i->to.ifindex, ret) == 0 &&
				       mac_is_kind(ops, ret->kind)
			       ? 0
			       : -ENODEV;
	if (!i->device[0] || nl_link_get_name(home, i->device, ret) < 0)
		return -ENODEV;
	return memcmp(ret->mac, i->mac, sizeof(ret->mac)) == 0 ? 0 : -ENODEV;
}

/* Was killed while it was made: nobody has been told of it. */
static void remove_half_made(const struct devnet_info *i, struct nl *home)
{
	struct nl_link l;

	if (find_made(i, home, &l) < 0)
		return;
	log_line(LOG_NOTICE, "link=%s: Half made, removed", i->linkname);
	if (nl_link_delete(home, l.ifindex) < 0)
		log_line(LOG_WARNING, "link=%s: Cannot remove %s: %s", i->linkname, l.name,
			nl_text(home));
}

/* Was killed while it was made again: takes the device if it is there. */
static void find_remade(struct devnet *dd, const struct devnet_info *i, struct nl *home)
{
	struct nl_link l;

	if (find_made(i, home, &l) < 0)
		return;
	if (streq(l.kind, "veth"))
		dls_devnet_set_port(dd, l.link);
	dls_devnet_set_place(dd, (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), l.ifindex});
}

/* Taken elsewhere and brought back by hand meanwhile: its port tells. */
static bool find_by_port(struct devnet *dd, struct nl *home)
{
	struct nl_link port;

	if (!dd->dd_port || nl_link_get(home, dd->dd_port, &port) < 0 || port.link_nsid != -1)
		return false;
	dls_devnet_set_place(dd, (struct dls_place){GLOBAL_ZONEID, dls_home_inode(), port.link});
	return true;
}

/*
 * Was killed while a zone got or gave back its twin: the device at home is there in either
 * case. True when that is settled, save what finish_move() has to do.
 */
static bool settle_twin(struct devnet *dd, const struct devnet_info *i, struct nl *home)
{
	if (!dls_twin_has(dd) || !i->to.ifindex)
		return false;
	if (i->to.zone == GLOBAL_ZONEID) /* whatever is left of the twin: it was coming home */
		return true;
	if (place_holds(dd, i->to, home)) {
		dls_devnet_set_place(dd, i->to);
		dls_devnet_set_target(dd, i->to);
		return true;
	}
	dls_devnet_set_twin_port(dd, 0);
	if (!place_holds(dd, i->at, home))
		return false;
	dls_devnet_set_target(dd, i->at);
	return true;
}

static void settle_place(struct devnet *dd, const struct devnet_info *i, struct nl *home)
{
	struct dls_place nowhere = i->at;

	nowhere.ifindex = 0;
	if (i->owner_zid != GLOBAL_ZONEID) { /* it never moves */
		if (!place_holds(dd, i->at, home))
			dls_devnet_set_place(dd, nowhere);
		return;
	}
	if (settle_twin(dd, i, home))
		return;
	if (place_holds(dd, i->at, home))
		return;
	dls_devnet_set_place(dd, nowhere);
	if (place_holds(dd, i->to, home)) {
		dls_devnet_set_place(dd, i->to);
		dls_devnet_set_target(dd, i->to); /* still to be finished */
	} else if (dd->dd_ops->kinds[0]) {
		dls_devnet_set_target(dd, i->to); /* it may have been made anew just then */
	} else if (i->at.zone == GLOBAL_ZONEID && dd->dd_ops->create && !find_by_port(dd, home)) {
		find_remade(dd, i, home);
	}
}

static void copy_info(struct devnet *dd, const struct devnet_info *i)
{
	dd->dd_linkid = i->linkid;
	memcpy(dd->dd_linkname, i->linkname, sizeof(dd->dd_linkname));
	dd->dd_media = i->media;
	dd->dd_owner_zid = i->owner_zid;
	dd->dd_transient = i->transient;
	dd->dd_flags = DD_NAMECHECK; /* a rename may have been cut off */
	dd->dd_flags |= i->flags & DD_IMPLICIT;
	dd->dd_at = i->at;
	dd->dd_to = i->to;
	dd->dd_home_ifindex = i->home_ifindex;
	memcpy(dd->dd_device, i->device, sizeof(dd->dd_device));
	dd->dd_over = i->over;
	dd->dd_port = i->port;
	dd->dd_twin_port = i->twin_port;
	memcpy(dd->dd_mac, i->mac, sizeof(dd->dd_mac));
	dd->dd_mactype = i->mactype;
	dd->dd_mtu = i->mtu;
	dd->dd_spec = i->spec;
}

static int restore_link(const struct devnet_info *i, void *arg)
{
	_cleanup_nl_ struct nl *owners = NULL;
	struct nl *home = arg;
	struct devnet *dd;
	int r;

	if (i->owner_zid != GLOBAL_ZONEID) {
		if (dls_nl_open(i->owner_zid, &owners) < 0)
			return 0; /* with its zone */
		home = owners;
	}
	if ((i->flags & DD_INITIALIZING) && !i->at.ifindex) {
		remove_half_made(i, home);
		return 0;
	}
	r = dls_devnet_new(i->class, &dd);
	if (r < 0)
		return r;
	copy_info(dd, i);
	settle_place(dd, i, home);
	if (!dls_at_home(dd))
		dd->dd_ref++;
	r = dls_devnet_insert(dd);
	if (r < 0)
		dls_devnet_free(dd);
	return r == -EEXIST ? -EBADMSG : r;
}

/* ---- 2 and 3 ---- */

static int each(void (*fn)(struct devnet *dd))
{
	struct devnet **all;
	size_t count;
	int r;

	r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	for (size_t n = 0; n < count; n++)
		fn(all[n]);
	dls_devnet_snapshot_free(all, count);
	return 0;
}

static void settle(struct devnet *dd)
{
	_cleanup_nl_ struct nl *home = NULL;

	if (dd->dd_ops->settle && dls_nl_open(dd->dd_owner_zid, &home) == 0)
		dd->dd_ops->settle(dd, home);
}

static void hold_lower(struct devnet *dd)
{
	struct devnet *lower;

	if (dd->dd_over && dls_devnet_hold(dd->dd_over, &lower) < 0)
		dd->dd_over = DATALINK_INVALID_LINKID;
}

/* A zone that went while nobody looked. */
static void end_gone_zone(struct devnet *dd)
{
	_cleanup_close_ int netns = FD_NONE;
	struct diag d = {0};

	if (dd->dd_at.zone == GLOBAL_ZONEID || zone_netns_fd(dd->dd_at.zone, &netns) == 0)
		return;
	if (dls_zone_shutdown(dd->dd_at.zone, FD_NONE, &d) < 0)
		log_line(LOG_ERR, "link=%s: %s", dd->dd_linkname, d.text);
}

/*
 * One that is made anew on its way home, and was neither here nor there. What is gone at home
 * without that was removed there by somebody else.
 */
static bool is_lost(const struct devnet *dd)
{
	return dd->dd_ops->kinds[0] && !dd->dd_at.ifindex &&
	       (dd->dd_at.zone != GLOBAL_ZONEID || dd->dd_to.ifindex);
}

/* A move that was cut off goes where the zone's list says, which dlmgmtd keeps. */
static void finish_move(struct devnet *dd)
{
	zoneid_t owner = GLOBAL_ZONEID, was;
	_cleanup_close_ int netns = FD_NONE;
	struct diag d = {0};
	bool cut_off, was_coming, lost;
	int r = 0;

	if (dd->dd_owner_zid != GLOBAL_ZONEID || dls_perim_enter(dd) < 0)
		return;
	was = dd->dd_at.zone;
	cut_off = dd->dd_to.ifindex && dd->dd_at.ifindex;
	was_coming = dls_twin_has(dd) && dd->dd_to.zone == GLOBAL_ZONEID;
	lost = is_lost(dd);
	dls_devnet_set_target(dd, (struct dls_place){0});
	if (!cut_off && !lost)
		goto out;
	if (zone_datalink_owner(dd->dd_linkid, &owner) < 0)
		owner = GLOBAL_ZONEID;
	if (lost) {
		r = dls_link_remake(dd, &d);
	} else if (was != GLOBAL_ZONEID && (was != owner || was_coming)) {
		r = zone_netns_fd(was, &netns);
		if (r == 0)
			r = dls_move_home(dd, netns, false, &d);
	}
	if (r == 0 && dd->dd_at.zone == GLOBAL_ZONEID && owner != GLOBAL_ZONEID)
		r = dls_move_out(dd, owner, &d);
	if (r == 0)
		dls_move_rename(dd);
	if (r < 0)
		log_line(LOG_ERR, "link=%s: Cannot finish its move: %s", dd->dd_linkname, d.text);
	dls_move_tell(dd);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	if (was == GLOBAL_ZONEID && dd->dd_at.zone != GLOBAL_ZONEID)
		dd->dd_ref++;
	else if (was != GLOBAL_ZONEID && dd->dd_at.zone == GLOBAL_ZONEID)
		dd->dd_ref--;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
out:
	dls_perim_exit(dd);
}

/* At home and without a device: it was destroyed while nobody looked. */
static int drop_gone(void)
{
	struct devnet **all;
	struct devnet_info i;
	size_t count;
	int r;

	r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	for (size_t n = 0; n < count; n++) {
		dls_devnet_info(all[n], &i);
		if (i.at.zone == GLOBAL_ZONEID && !i.at.ifindex && dls_perim_enter(all[n]) == 0)
			dls_link_vanished(all[n]); /* leaves and releases */
		else
			dls_devnet_rele_tmp(all[n]);
	}
	free(all);
	return 0;
}

/* ---- 4 ---- */

/* Who was killed between a change and the file may have told dlmgmtd another zone than it says. */
static void tell_again(struct devnet *dd)
{
	if (dd->dd_ops->lendable && dd->dd_owner_zid == GLOBAL_ZONEID)
		dls_devnet_set_flag(dd, DD_UNTOLD, true);
}

/* What dlmgmtd has as active and the table has not: found by its device, or not active. */
static void settle_strangers(uint32_t classes, bool drop, struct nl *home)
{
	datalink_id_t id = DATALINK_ALL_LINKID, next;
	struct devnet *dd;

	for (;;) {
		if (dls_mgmt_get_next(id, classes, DLMGMT_ACTIVE, &next) < 0 ||
			next == DATALINK_INVALID_LINKID)
			return;
		id = next;
		if (dls_devnet_hold_tmp(id, &dd) == 0) {
			dls_devnet_rele_tmp(dd);
		} else if (dls_derive(id, home) < 0 && drop) {
			log_line(LOG_NOTICE, "link=%u: Has no device, no longer active", id);
			(void)dls_mgmt_destroy(id, false);
		}
	}
}

static bool is_unknown(const struct devnet *dd)
{
	struct dls_linkinfo info;

	return dd->dd_linkid != DATALINK_INVALID_LINKID && dls_at_home(dd) && dd->dd_ops->destroy &&
	       dls_mgmt_get_linkinfo(dd->dd_linkid, &info) == -ENOENT;
}

/*
 * Links that were made, and whose maker was not told because zoned died: dlmgmtd has forgotten them.
 * One that somebody uses stays.
 */
static int drop_unknown(void)
{
	_cleanup_free_ datalink_id_t *ids = NULL;
	struct diag d = {0};
	struct devnet **all;
	size_t count, n = 0;
	int r;

	r = dls_devnet_snapshot(&all, &count);
	if (r < 0)
		return r;
	ids = calloc(count + 1, sizeof(*ids));
	for (size_t i = 0; ids && i < count; i++)
		if (is_unknown(all[i]))
			ids[n++] = all[i]->dd_linkid;
	dls_devnet_snapshot_free(all, count);
	for (size_t i = 0; i < n; i++) {
		r = dls_link_delete(ids[i], &d);
		log_line(LOG_NOTICE, "link=%u: dlmgmtd does not know it, %s", ids[i],
			r == 0 ? "removed" : d.text);
	}
	return ids ? 0 : -ENOMEM;
}

int dls_restart(void)
{
	_cleanup_nl_ struct nl *home = NULL;
	int loaded, r;
	bool drop;

	r = nl_open(FD_NONE, &home);
	if (r < 0)
		return r;
	dls_prop_restart_load();
	dls_stat_restart();
	loaded = dls_state_load(restore_link, home);
	if (loaded < 0)
		log_line(LOG_ERR, "link: Cannot read the state of links: %s", strerror(-loaded));
	dls_twin_sweep(home);
	r = each(hold_lower);
	if (r == 0)
		r = each(end_gone_zone);
	if (r == 0)
		r = each(finish_move);
	/* Twice: links below others follow them. */
	for (int i = 0; r == 0 && i < 2; i++)
		r = drop_gone();
	if (r == 0)
		r = dls_watch_scan();
	if (r < 0)
		return r;
	/* A NIC without a name yet could be any of dlmgmtd's; without the file, so could the rest. */
	drop = !dls_watch_complete() && loaded > 0;
	/* Twice: of two in a zone one can be told from the other when that is known. */
	settle_strangers(DATALINK_CLASS_ALL & ~OVER_OTHERS, false, home);
	settle_strangers(DATALINK_CLASS_ALL & ~OVER_OTHERS, drop, home);
	settle_strangers(OVER_OTHERS, drop, home); /* after what is below them */
	r = drop_unknown();
	dls_prop_restart();
	if (r == 0)
		r = each(settle);
	mac_simnet_sweep(home);
	mac_tag_sweep(home);
	if (r == 0)
		r = each(tell_again);
	if (r == 0)
		r = each(dls_implicit_restart);
	if (r == 0)
		r = each(dls_transient_restart);
	dls_flow_restart();
	(void)dls_state_save_all();
	return r;
}
