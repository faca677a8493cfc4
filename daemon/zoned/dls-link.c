/* SPDX-License-Identifier: MIT */
/*
 * Making links. A new link is in the table, INITIALIZING, before its device exists (dls-device.c), and it is
 * seen when all of it is there; what cannot be made is taken out as if it had never been.
 */
#include "zoned/flow.h"
#include "zoned/mac.h"
#include "zoned/prop.h"

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
	int r = dls_device_make(dd, lower, home, args, d);

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
