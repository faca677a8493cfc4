/* SPDX-License-Identifier: MIT */
/*
 * Renaming a link that has a device. Two cases, as on illumos: to a name that no link
 * has (a transient one that is lent: that no link of its zone has), or of a NIC to the link of one that was removed, whose id and with it whose
 * configuration it gets. A link that anybody uses is not renamed. One that is lent can be while its
 * zone is ready and no process of the zone has seen it.
 *
 * Linux: in the first case zoned itself has dlmgmtd change the name, so that dladm
 * makes one call that happens or does not. dlmgmtd's name is the one that counts. When its
 * answer is lost, or zoned dies before it is written here, the link is marked and
 * the watcher asks.
 */
#include "zoned/dls-commands.h"
#include "zoned/flow.h"
#include "zoned/prop.h"

#include "linux/log.h"

/* Lent to a zone that nobody is in yet. */
static bool lent_ready(const struct devnet *dd)
{
	return !dls_at_home(dd) && !dd->dd_transient && zone_is_ready(dd->dd_at.zone);
}

/* The name that the device gets again when it comes home; a NIC has its own. */
static void name_at_home(struct devnet *dd, const char *old)
{
	if (dd->dd_class != DATALINK_CLASS_PHYS && streq(dd->dd_device, old))
		dls_devnet_set_device(
			dd, strlen(dd->dd_linkname) < IFNAMSIZ ? dd->dd_linkname : "");
}

static void device_follow_lent(struct devnet *dd, const char *old)
{
	_cleanup_nl_ struct nl *there = NULL;

	name_at_home(dd, old);
	if (!dd->dd_at.ifindex || dls_nl_open(dd->dd_at.zone, &there) < 0)
		return;
	(void)nl_altname_del(there, dd->dd_at.ifindex, old);
	dls_name_device(dd, there, dd->dd_linkname);
}

/* The kernel's names of a device at home follow; a name that is taken there is no error. */
static void device_follow(struct devnet *dd, const char *old)
{
	_cleanup_nl_ struct nl *home = NULL;
	int ifindex = dd->dd_at.ifindex;

	if (lent_ready(dd)) {
		device_follow_lent(dd, old);
		return;
	}
	if (!(dls_at_home(dd) || dd->dd_transient) || !ifindex ||
		dls_nl_open(dd->dd_at.zone, &home) < 0)
		return;
	(void)nl_altname_del(home, ifindex, old);
	if (dd->dd_class != DATALINK_CLASS_PHYS)
		dls_name_device(dd, home, dd->dd_linkname);
	else if (!streq(dd->dd_linkname, dd->dd_device) &&
		 nl_altname_add(home, ifindex, dd->dd_linkname) < 0)
		log_line(LOG_NOTICE, "link=%s: Name is taken at home, the device is %s",
			dd->dd_linkname, dd->dd_device);
}

static void name_take(struct devnet *dd, const char *name)
{
	char old[MAXLINKNAMELEN];

	(void)str_copy(old, sizeof(old), dd->dd_linkname);
	dls_devnet_set_linkname(dd, name);
	device_follow(dd, old);
	(void)dls_state_save(dd->dd_linkid); /* logged; a restart asks dlmgmtd for the name again */
}

bool dls_rename_check(struct devnet *dd)
{
	struct dls_linkinfo info;
	int r = dls_mgmt_get_linkinfo(dd->dd_linkid, &info);

	if (r < 0 && r != -ENOENT)
		return false;
	dls_devnet_set_flag(dd, DD_NAMECHECK, false);
	if (r == 0 && !streq(info.name, dd->dd_linkname))
		name_take(dd, info.name);
	return true;
}

/* -EBUSY unless the zone that has it is ready. */
static int unused_in(struct devnet *dd, zoneid_t zone, struct diag *d)
{
	if (dd->dd_at.zone != zone)
		return diag_set(d, -ENOENT, "'%s' is not in that zone", dd->dd_linkname);
	if (!zone_is_ready(zone))
		return diag_set(d, -EBUSY,
			"'%s' is lent; while its zone is ready and not booted it can be renamed",
			dd->dd_linkname);
	if (dls_flow_names(dd))
		return diag_set(d, -EBUSY, "'%s' has flows", dd->dd_linkname);
	return dls_link_busy(dd, d);
}

/* -EBUSY unless only the table holds it and nobody uses the device. */
static int unused(struct devnet *dd, struct diag *d)
{
	uint32_t holds;

	/* made for its zone, where it gets the name that the zone knows it by before it is used */
	if (!dls_at_home(dd) && dd->dd_transient)
		return dls_link_busy(dd, d);
	if (!dls_at_home(dd))
		return diag_set(d, -EBUSY, "'%s' is lent to a zone", dd->dd_linkname);
	(void)pthread_mutex_lock(&dd->dd_mutex);
	holds = dd->dd_ref + dd->dd_holds;
	(void)pthread_mutex_unlock(&dd->dd_mutex);
	if (holds > 1)
		return diag_set(d, -EBUSY, "'%s' has links over it", dd->dd_linkname);
	if (dls_flow_names(dd))
		return diag_set(d, -EBUSY, "'%s' has flows", dd->dd_linkname);
	return dls_link_busy(dd, d);
}

static int rename_to_name(struct devnet *dd, const char *name, struct diag *d)
{
	int r = dls_mgmt_remap(dd->dd_linkid, name);

	if (r == 0) {
		name_take(dd, name);
		return 0;
	}
	if (r == -EEXIST)
		return diag_set(d, r, "there is a link '%s'", name);
	/* Whether it was done is not known: the watcher finds out. */
	dls_devnet_set_flag(dd, DD_NAMECHECK, true);
	dls_watch_kick();
	if (r == -EBADF || r == -EINTR)
		return diag_set(d, r, "dlmgmtd does not answer");
	return r;
}

/* The NIC has another id: what is configured for that comes into force, what it had has been taken back. */
static void take_configuration(struct devnet *dd, datalink_id_t from)
{
	struct diag d = {0};

	dls_prop_forget(from);
	dls_stat_forget(from);
	if (dls_prop_load(dd, &d) < 0) /* as a NIC that comes has what it can */
		log_line(LOG_ERR, "link=%s: %s", dd->dd_linkname, d.text);
	dls_flow_attach(dd);
}

/* The link that is taken over has no device; its id becomes this NIC's. */
static int rename_to_link(struct devnet *dd, datalink_id_t to, struct diag *d)
{
	datalink_id_t from = dd->dd_linkid;
	struct dls_linkinfo info;
	int r;

	if (dd->dd_class != DATALINK_CLASS_PHYS)
		return diag_set(d, -EINVAL, "'%s' is no physical link", dd->dd_linkname);
	r = dls_mgmt_get_linkinfo(to, &info);
	if (r < 0)
		return r;
	if (info.class != DATALINK_CLASS_PHYS || (info.flags & DLMGMT_ACTIVE))
		return diag_set(d, -EEXIST, "'%s' is no removed physical link", info.name);
	dls_prop_reset_all(dd);
	r = dls_devnet_renumber(dd, to);
	if (r < 0) {
		(void)dls_prop_load(dd, NULL);
		return diag_set(d, r, "'%s' is in use", info.name);
	}
	name_take(dd, info.name);
	take_configuration(dd, from);
	(void)dls_state_save(from); /* no link any more: dlmgmtd may give the id to another */
	return 0;
}

static int rename_in_perim(struct devnet *dd, const struct dld_rename_req *req, struct diag *d)
{
	int r = req->zoneid == GLOBAL_ZONEID ? unused(dd, d) : unused_in(dd, req->zoneid, d);

	if (r < 0)
		return r;
	if (req->to_linkid == DATALINK_INVALID_LINKID)
		return rename_to_name(dd, req->name, d);
	return rename_to_link(dd, req->to_linkid, d);
}

int dls_rename_command(struct zoned_call *call)
{
	const struct dld_rename_req *req = call->req;
	struct devnet *dd;
	int r;

	r = dls_devnet_hold_tmp(req->linkid, &dd);
	if (r < 0)
		return r;
	if (!dls_devnet_visible(dd, call->zoneid))
		r = -ENOENT;
	else if (!str_terminated(req->name, sizeof(req->name)))
		r = diag_set(&call->diag, -EINVAL, "invalid link name");
	else
		r = dls_need_owner(call, dd);
	if (r == 0)
		r = dls_perim_enter(dd);
	if (r == 0) {
		r = rename_in_perim(dd, req, &call->diag);
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
	return r;
}
