/* SPDX-License-Identifier: MIT */
/*
 * The door commands of the dls half. The dispatcher has checked size and rights
 * of a request; here follow the values, and what the caller may see: a zone sees
 * the links it has, anything else answers as if it were not there.
 */
#include "zoned/dls-commands.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

int dls_need_global(struct zoned_call *call)
{
	if (call->zoneid == GLOBAL_ZONEID)
		return 0;
	return diag_set(&call->diag, -EPERM, "only the global zone can do this");
}

int dls_need_owner(struct zoned_call *call, const struct devnet *dd)
{
	if (call->zoneid == dd->dd_owner_zid)
		return 0;
	if (call->zoneid != GLOBAL_ZONEID)
		return dls_need_global(call);
	return diag_set(&call->diag, -EPERM, "'%s' was made in its zone and is that zone's",
		dd->dd_linkname);
}

/* Temporarily holds a link that the caller sees. */
int dls_hold_visible(struct zoned_call *call, datalink_id_t id, struct devnet **ret)
{
	int r = dls_devnet_hold_tmp(id, ret);

	if (r == 0 && !dls_devnet_visible(*ret, call->zoneid)) {
		dls_devnet_rele_tmp(*ret);
		r = -ENOENT;
	}
	return r;
}

static int etherstub_create(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;

	return dls_link_create(
		req->linkid, DATALINK_CLASS_ETHERSTUB, NULL, call->zoneid, &call->diag);
}

void dls_fill_linkinfo(struct devnet *dd, struct dld_linkinfo_reply *ret)
{
	_cleanup_view_ struct dls_view v = {0};

	dls_view_linkinfo(&v, dd, GLOBAL_ZONEID, ret);
}

static int vnic_create(struct zoned_call *call)
{
	const struct dld_vnic_req *req = call->req;
	struct dls_link_args args = {
		.over = req->over, .mactype = req->mac_type, .prefix_len = req->prefix_len};
	struct devnet *dd;
	int r;

	memcpy(args.mac, req->mac, sizeof(args.mac));
	r = dls_link_create(req->linkid, DATALINK_CLASS_VNIC, &args, call->zoneid, &call->diag);
	if (r == 0)
		r = dls_devnet_hold_tmp(req->linkid, &dd);
	if (r < 0)
		return r;
	dls_fill_linkinfo(dd, call->reply);
	dls_devnet_rele_tmp(dd);
	return 0;
}

static int link_delete(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	r = dls_need_owner(call, dd);
	dls_devnet_rele_tmp(dd);
	return r < 0 ? r : dls_link_delete(req->linkid, &call->diag);
}

/* dlmgmtd's, under its table's lock: no perimeter, no upcall, and what is INITIALIZING counts. */
static int known(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;
	struct devnet_info i;
	int r = dls_devnet_info_of(req->linkid, &i);

	if (r == 0 && call->zoneid != GLOBAL_ZONEID && call->zoneid != i.owner_zid &&
		call->zoneid != i.at.zone)
		r = -ENOENT;
	return r;
}

/* dlmgmtd's as well: who brought the link up while it was renamed may have made it by its old name. */
static int renamed(struct zoned_call *call)
{
	const struct dld_link_req *req = call->req;
	int r = dls_need_global(call);

	if (r == 0)
		r = dls_devnet_mark(req->linkid, DD_NAMECHECK);
	if (r == 0)
		dls_watch_kick();
	return r;
}

static int linkinfo(struct zoned_call *call)
{
	_cleanup_view_ struct dls_view v = {0};
	const struct dld_link_req *req = call->req;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	dls_view_linkinfo(&v, dd, call->zoneid, call->reply);
	dls_devnet_rele_tmp(dd);
	return 0;
}

static int setzone(struct zoned_call *call)
{
	const struct dld_setzone_req *req = call->req;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	r = dls_need_global(call);
	if (r == 0 && (req->zoneid < MIN_ZONEID || req->zoneid > MAX_ZONEID))
		r = diag_set(&call->diag, -EINVAL, "%d is not the id of a zone", req->zoneid);
	if (r == 0)
		r = dls_devnet_setzid(dd, req->zoneid, &call->diag);
	dls_devnet_rele_tmp(dd);
	return r;
}

int dls_link_set_mtu(struct devnet *dd, uint32_t mtu, struct diag *d)
{
	_cleanup_nl_ struct nl *where = NULL;
	_cleanup_nl_ struct nl *home = NULL;
	struct dld_linkinfo_reply now = {0};
	int r;

	dls_fill_linkinfo(dd, &now);
	if (!now.device[0])
		return diag_set(d, -ENODEV, "the device of '%s' is gone", dd->dd_linkname);
	if (mtu == 0)
		mtu = now.mtu_default;
	if (mtu < now.mtu_min || mtu > now.mtu_max)
		return diag_set(d, -EINVAL, "mtu of '%s' has to be between %u and %u",
			dd->dd_linkname, now.mtu_min, now.mtu_max);
	r = dls_nl_open(dd->dd_at.zone, &where);
	if (r == 0)
		r = dls_nl_open(dd->dd_owner_zid, &home);
	if (r < 0)
		return r;
	r = dd->dd_ops->set_mtu(dd, where, home, mtu);
	if (r < 0)
		return diag_set(d, r, "cannot set the mtu of '%s' to %u: %s", dd->dd_linkname, mtu,
			nl_text(where)[0] ? nl_text(where) : strerror(-r));
	dls_devnet_set_mtu(dd, mtu);
	(void)dls_state_save(dd->dd_linkid);
	return 0;
}

static int setmtu(struct zoned_call *call)
{
	const struct dld_setmtu_req *req = call->req;
	struct devnet *dd;
	int r;

	r = dls_hold_visible(call, req->linkid, &dd);
	if (r < 0)
		return r;
	r = dls_perim_enter(dd);
	if (r == 0) {
		r = dls_link_set_mtu(dd, req->mtu, &call->diag);
		if (r == 0 && call->zoneid == GLOBAL_ZONEID)
			dls_prop_lent_is_kept(dd, "mtu");
		dls_perim_exit(dd);
	}
	dls_devnet_rele_tmp(dd);
	return r;
}

/* clang-format off */
const struct zoned_command dls_commands[] = {
	{DLD_ETHERSTUB_CREATE, NEEDS_NETADMIN, sizeof(struct dld_link_req), false,
		sizeof(struct zone_reply), etherstub_create},
	{DLD_VNIC_CREATE, NEEDS_NETADMIN, sizeof(struct dld_vnic_req), false,
		sizeof(struct dld_linkinfo_reply), vnic_create},
	{DLD_DELETE, NEEDS_NETADMIN, sizeof(struct dld_link_req), false,
		sizeof(struct zone_reply), link_delete},
	{DLD_LINKINFO, NEEDS_NOTHING, sizeof(struct dld_link_req), false,
		sizeof(struct dld_linkinfo_reply), linkinfo},
	{DLD_KNOWN, NEEDS_NOTHING, sizeof(struct dld_link_req), false,
		sizeof(struct zone_reply), known},
	{DLD_RENAMED, NEEDS_NETADMIN, sizeof(struct dld_link_req), false,
		sizeof(struct zone_reply), renamed},
	{DLD_SETZONE, NEEDS_NETADMIN, sizeof(struct dld_setzone_req), false,
		sizeof(struct zone_reply), setzone},
	{DLD_NEXT, NEEDS_NOTHING, sizeof(struct dld_link_req), false,
		sizeof(struct dld_next_reply), dls_next_command},
	{DLD_LINKS, NEEDS_NOTHING, sizeof(struct dld_links_req), false,
		sizeof(struct dld_links_reply), dls_links_command},
	{DLD_HOLD, NEEDS_NETADMIN, sizeof(struct dld_hold_req), false,
		sizeof(struct dld_hold_reply), dls_hold_command},
	{DLD_RENAME, NEEDS_NETADMIN, sizeof(struct dld_rename_req), false,
		sizeof(struct zone_reply), dls_rename_command},
	{DLD_SETMTU, NEEDS_NETADMIN, sizeof(struct dld_setmtu_req), false,
		sizeof(struct zone_reply), setmtu},
	{.handler = NULL},
};
/* clang-format on */
